using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>What a file of another tool becomes here: a prompt, a workflow or a test set.</summary>
internal sealed class ForeignItem(string name)
{
    public string Name => name;

    public PromptDraft Draft { get; private set; } = new() { Name = name };

    public string Version { get; set; } = PromptVersioning.First;

    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Versions of the prompt before this one, oldest first.</summary>
    public IReadOnlyList<PromptDocument> Earlier { get; set; } = [];

    /// <summary>Null: it is no test set.</summary>
    public TestSetDocument? Set { get; init; }

    /// <summary>Null: it is no workflow.</summary>
    public WorkflowDocument? Workflow { get; init; }

    /// <summary>What is not imported, or was changed.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Why it cannot come.</summary>
    public List<string> Reasons { get; } = [];

    public void Tag(IEnumerable<string> tags) => Draft = Draft with { Tags = [.. tags] };

    /// <summary>A prompt of one text.</summary>
    public ForeignItem WithText(string text, Func<string, TranslatedText> dialect, string? system = null)
    {
        Draft = Draft with { Content = Translate(text, dialect), SystemMessage = system is null ? null : Translate(system, dialect) };
        return this;
    }

    /// <summary>A prompt of messages; one system and one user message are the same as a text.</summary>
    public ForeignItem WithMessages(IReadOnlyList<(string Role, string Text)> messages, Func<string, TranslatedText> dialect)
    {
        var read = new List<PromptMessage>();
        foreach (var (role, text) in messages)
        {
            if (RoleOf(role) is not { } known)
            {
                Reasons.Add($"A message has the role “{YamlShort(role)}”, which has no equivalent here.");
                continue;
            }

            read.Add(new PromptMessage(known, known == MessageRole.Placeholder ? text.Trim() : Translate(text, dialect)));
        }

        if (read.Count == 0)
        {
            Reasons.Add("It has no text.");
        }

        Draft = read switch
        {
            [{ Role: MessageRole.User } only] => Draft with { Content = only.Content },
            [{ Role: MessageRole.System } system, { Role: MessageRole.User } user] => Draft with
            {
                SystemMessage = system.Content,
                Content = user.Content,
            },
            [{ Role: MessageRole.System } only] => Draft with { Content = only.Content },
            _ => Draft with { Messages = read },
        };
        return this;
    }

    private static MessageRole? RoleOf(string role) =>
        role.ToLowerInvariant() switch
        {
            "system" or "developer" => MessageRole.System,
            "user" or "human" => MessageRole.User,
            "assistant" or "ai" or "model" => MessageRole.Assistant,
            "placeholder" => MessageRole.Placeholder,
            _ => null,
        };

    private string Translate(string text, Func<string, TranslatedText> dialect)
    {
        var translated = dialect(text);
        Reasons.AddRange(translated.Errors);
        Notes.AddRange(translated.Notes);
        return translated.Text;
    }

    private static string YamlShort(string text) => Yaml.YamlReader.Short(text);
}
