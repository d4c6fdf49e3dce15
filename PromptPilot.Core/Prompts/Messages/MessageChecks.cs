using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Messages;

/// <summary>Checks the messages of a prompt, apart from what every template is checked for.</summary>
internal static class MessageChecks
{
    public const int MaxMessages = 200;

    public static IEnumerable<FieldError> Check(IReadOnlyList<PromptMessage> messages)
    {
        if (messages.Count > MaxMessages)
        {
            yield return new FieldError("messages", $"A prompt can have at most {MaxMessages} messages; this one has {messages.Count}.");
        }

        if (messages.Count > 0 && messages.All(m => m.Role is MessageRole.System or MessageRole.Assistant))
        {
            yield return new FieldError("messages", "Add a user message, or a placeholder that inserts one.");
        }

        for (var i = 0; i < messages.Count; i++)
        {
            var (role, content) = messages[i];
            if (role != MessageRole.Placeholder && string.IsNullOrWhiteSpace(content))
            {
                yield return new FieldError($"messages[{i}].content", "Enter the text of this message, or remove it.");
            }
            else if (role == MessageRole.Placeholder && NameProblem(content) is { } wrong)
            {
                yield return new FieldError($"messages[{i}].content", wrong);
            }
            else if (role == MessageRole.Placeholder && messages.Take(i).Contains(messages[i]))
            {
                yield return new FieldError($"messages[{i}].content", $"“{content}” already has a placeholder above. Remove one of them.");
            }
        }
    }

    /// <summary>The name of a field in an error list that does not show the fields.</summary>
    public static bool IsText(string field) =>
        field is "content" or "systemMessage" or "messages" || field.StartsWith("messages[", StringComparison.Ordinal);

    private static string? NameProblem(string name) =>
        name.Contains('{', StringComparison.Ordinal)
            ? "Write only the name of the variable, without braces, e.g. history."
            : KeyNames.Problem(name, LiquidFilters.IsFilter);
}
