using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Messages;

/// <summary>One template of a prompt.</summary>
/// <param name="Field">The field for its errors, e.g. <c>messages[2].content</c>.</param>
/// <param name="Label">Names it in an error of a rendering; null for the text of a prompt with one text.</param>
internal sealed record PromptTemplate(string Field, string? Label, ModelRole Role, string Text);

/// <summary>
/// The texts of a prompt in either form: one text with perhaps a system message, or a list of messages. Everything that asks what a prompt
/// contains or sends asks here.
/// </summary>
internal sealed record PromptSource(string Content, string? SystemMessage, IReadOnlyList<PromptMessage> Messages)
{
    public static PromptSource Of(Prompt prompt) => new(prompt.Content, prompt.SystemMessage, prompt.Messages);

    public static PromptSource Of(PromptVersion version) => new(version.Content, version.SystemMessage, version.Messages);

    /// <param name="draft">Normalized.</param>
    public static PromptSource Of(PromptDraft draft) =>
        new(draft.Content, draft.SystemMessage, draft.Messages ?? []) { Parts = draft.Parts ?? LiquidPart.None };

    /// <summary>The included parts, by <see cref="LiquidInclude.Key"/>.</summary>
    public IReadOnlyDictionary<string, LiquidPart> Parts { get; init; } = LiquidPart.None;

    /// <summary>A text includes something that is not among <see cref="Parts"/>.</summary>
    public bool LacksParts() =>
        Templates().Any(template => LiquidTemplate.Parse(template.Text).Includes.Any(include => !Parts.ContainsKey(include.Key)));

    public bool HasMessages => Messages.Count > 0;

    /// <summary>Both forms as messages, in the order in which they are sent.</summary>
    public IReadOnlyList<PromptMessage> AsMessages() =>
        HasMessages ? Messages
        : string.IsNullOrEmpty(SystemMessage) ? [new PromptMessage(MessageRole.User, Content)]
        : [new PromptMessage(MessageRole.System, SystemMessage), new PromptMessage(MessageRole.User, Content)];

    /// <summary>Its templates. A prompt with one text names the text first, which decides the order of its variables.</summary>
    public IEnumerable<PromptTemplate> Templates() =>
        HasMessages
            ? Messages
                .Select((message, i) => (message, i))
                .Where(m => m.message.Role != MessageRole.Placeholder)
                .Select(m => new PromptTemplate(
                    $"messages[{m.i}].content",
                    $"Message {m.i + 1} ({Word(m.message.Role)})",
                    RoleOf(m.message.Role),
                    m.message.Content
                ))
        : SystemMessage is null ? [new PromptTemplate("content", null, ModelRole.User, Content)]
        :
        [
            new PromptTemplate("content", null, ModelRole.User, Content),
            new PromptTemplate("systemMessage", "System message", ModelRole.System, SystemMessage),
        ];

    /// <summary>Variables whose values are lists of messages.</summary>
    public IReadOnlyList<string> Placeholders() => [.. Messages.Where(m => m.Role == MessageRole.Placeholder).Select(m => m.Content)];

    /// <summary>Characters of all templates.</summary>
    public long Length => Templates().Sum(template => (long)template.Text.Length);

    /// <summary>Free variables of all templates and the placeholders, in order of appearance.</summary>
    public List<string> Variables() =>
        HasMessages
            ?
            [
                .. Messages
                    .SelectMany(m => m.Role == MessageRole.Placeholder ? [m.Content] : LiquidTemplate.Parse(m.Content).VariablesWith(Parts))
                    .Distinct(),
            ]
            : [.. Templates().SelectMany(template => LiquidTemplate.Parse(template.Text).VariablesWith(Parts)).Distinct()];

    /// <summary>Renders all messages; a variable without value takes its default.</summary>
    /// <returns>The messages, or a problem that names the variable without value or the place where rendering failed.</returns>
    public Result<PromptTexts> Render(
        IReadOnlyCollection<VariableDefinition> definitions,
        IReadOnlyDictionary<string, JsonElement> values,
        CancellationToken cancellationToken
    )
    {
        var given = new Dictionary<string, JsonElement>(values, StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            if (definition.Default is { } value && !LiquidText.HasValue(given, definition.Name))
            {
                given[definition.Name] = value;
            }
        }

        var optional = PromptText.Optional(definitions);
        return HasMessages ? RenderMessages(given, optional, cancellationToken) : RenderText(given, optional, cancellationToken);
    }

    private Result<PromptTexts> RenderText(
        Dictionary<string, JsonElement> given,
        HashSet<string> optional,
        CancellationToken cancellationToken
    )
    {
        var texts = new Dictionary<ModelRole, string>();
        foreach (var template in Templates().Where(template => template.Text.Length > 0 || template.Role == ModelRole.User))
        {
            var text = Render(template, given, optional, cancellationToken);
            if (!text.IsOk)
            {
                return text.Problem;
            }

            texts[template.Role] = text.Value;
        }

        return new PromptTexts(ModelMessage.Of(texts.GetValueOrDefault(ModelRole.System), texts[ModelRole.User]));
    }

    private Result<PromptTexts> RenderMessages(
        Dictionary<string, JsonElement> given,
        HashSet<string> optional,
        CancellationToken cancellationToken
    )
    {
        if (LiquidTemplate.Missing(Variables(), given, optional) is { } missing)
        {
            return missing;
        }

        var templates = new Queue<PromptTemplate>(Templates());
        var messages = new List<ModelMessage>();
        foreach (var message in Messages)
        {
            if (message.Role == MessageRole.Placeholder)
            {
                if (!LiquidText.HasValue(given, message.Content))
                {
                    continue;
                }

                var taken = MessageList.Read(message.Content, given[message.Content]);
                if (!taken.IsOk)
                {
                    return taken.Problem;
                }

                messages.AddRange(taken.Value);
                continue;
            }

            var text = Render(templates.Dequeue(), given, optional, cancellationToken);
            if (!text.IsOk)
            {
                return text.Problem;
            }

            // Providers refuse a message without text, and one that an {% if %} left empty is not meant to be sent.
            if (!string.IsNullOrWhiteSpace(text.Value))
            {
                messages.Add(new ModelMessage(RoleOf(message.Role), text.Value));
            }

            if (messages.Sum(m => (long)m.Text.Length) > LiquidLimits.Output)
            {
                return Problem.Invalid("The messages have more than 4 million characters in all. Shorten the values.");
            }
        }

        return messages.Any(m => m.Role != ModelRole.System)
            ? new PromptTexts(messages)
            : Problem.Invalid("There is no user message to send: all of them are empty with these values.");
    }

    private Result<string> Render(
        PromptTemplate template,
        Dictionary<string, JsonElement> given,
        HashSet<string> optional,
        CancellationToken cancellationToken
    )
    {
        var text = LiquidTemplate.Parse(template.Text).Render(given, optional, cancellationToken, Parts);
        return text.IsOk || template.Label is null ? text : text.Problem with { Message = $"{template.Label}: {text.Problem.Message}" };
    }

    private static string Word(MessageRole role) => role.ToString().ToLowerInvariant();

    private static ModelRole RoleOf(MessageRole role) =>
        role switch
        {
            MessageRole.System => ModelRole.System,
            MessageRole.Assistant => ModelRole.Assistant,
            _ => ModelRole.User,
        };
}
