using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Messages;

/// <summary>
/// The two forms of a prompt. One text is the default: a list with one user message, and perhaps a system message before it, is stored as
/// text. In a prompt with messages, the text is that of the last user message and the system message that of a first one, for programs that
/// know nothing else.
/// </summary>
internal static class MessageForms
{
    /// <summary>The draft in the one form that it is stored in.</summary>
    public static PromptDraft Canonical(PromptDraft draft)
    {
        var messages = draft.Messages ?? [];
        if (messages.Count == 0)
        {
            return draft with
            {
                SystemMessage = string.IsNullOrWhiteSpace(draft.SystemMessage) ? null : draft.SystemMessage,
                Messages = [],
            };
        }

        messages = [.. messages.Select(m => m.Role == MessageRole.Placeholder ? m with { Content = m.Content.Trim() } : m)];
        return messages switch
        {
            [{ Role: MessageRole.User } only] => draft with { Content = only.Content, SystemMessage = null, Messages = [] },
            [{ Role: MessageRole.System } system, { Role: MessageRole.User } user] when !string.IsNullOrWhiteSpace(system.Content) =>
                draft with
                {
                    Content = user.Content,
                    SystemMessage = system.Content,
                    Messages = [],
                },
            _ => draft with
            {
                Content = ContentOf(messages),
                SystemMessage = SystemOf(messages),
                Messages = messages,
                VariableDefinitions = Definitions(draft, messages),
            },
        };
    }

    /// <summary>Why a program's request contradicts itself, or null. Called before the draft is normalized.</summary>
    /// <param name="saved">Null for a new prompt.</param>
    public static Problem? Contradiction(PromptDraft draft, Prompt? saved)
    {
        if (draft.Messages is null)
        {
            return saved is { Messages.Count: > 0 }
                ? Problem.AtField("messages", "This prompt is a list of messages. Send “messages” too, or [] to make it one text.")
                : null;
        }

        if (draft.Messages.Count == 0)
        {
            return null;
        }

        // What was read is sent back: the text and system message of then are fine, others would be lost without a word.
        return Differs(draft.Content, ContentOf(draft.Messages), saved?.Content)
                ? Problem.AtField("content", "A prompt with messages has its text in them. Send “messages” or “content”, not both.")
            : Differs(draft.SystemMessage, SystemOf(draft.Messages), saved?.SystemMessage)
                ? Problem.AtField(
                    "systemMessage",
                    "A prompt with messages has its system message in them. Send “messages” or “systemMessage”, not both."
                )
            : null;
    }

    private static bool Differs(string? given, string? derived, string? saved) =>
        !string.IsNullOrEmpty(given) && given != derived && given != saved;

    private static string ContentOf(IReadOnlyList<PromptMessage> messages) =>
        messages.LastOrDefault(m => m.Role == MessageRole.User)?.Content ?? "";

    private static string? SystemOf(IReadOnlyList<PromptMessage> messages) =>
        messages is [{ Role: MessageRole.System } first, ..] && !string.IsNullOrWhiteSpace(first.Content) ? first.Content : null;

    /// <summary>The variable of a placeholder is always a list.</summary>
    private static IReadOnlyList<VariableDefinition> Definitions(PromptDraft draft, IReadOnlyList<PromptMessage> messages)
    {
        var names = messages.Where(m => m.Role == MessageRole.Placeholder && m.Content.Length > 0).Select(m => m.Content).ToHashSet();
        if (names.Count == 0)
        {
            return draft.VariableDefinitions;
        }

        var defined = draft.VariableDefinitions.Select(d => d.Name).ToHashSet();
        return
        [
            .. draft.VariableDefinitions.Select(d => names.Contains(d.Name) && d.Type == VariableType.Text ? AsList(d) : d),
            .. names
                .Where(name => !defined.Contains(name))
                .Select(name => new VariableDefinition { Name = name, Type = VariableType.Json }),
        ];
    }

    private static VariableDefinition AsList(VariableDefinition definition) =>
        new()
        {
            Name = definition.Name,
            Description = definition.Description,
            Type = VariableType.Json,
            Default = definition.Default,
            Example = definition.Example,
            Required = definition.Required,
            Choices = definition.Choices,
        };
}
