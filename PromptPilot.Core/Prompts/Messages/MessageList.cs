using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Messages;

/// <summary>
/// The value of a placeholder: a JSON list of <c>{"role": "user", "content": "…"}</c>. Its texts are data: they are sent verbatim and never
/// read as templates.
/// </summary>
internal static class MessageList
{
    /// <summary>Messages in one list.</summary>
    public const int Most = 1000;

    /// <summary>The messages, or a problem that names the variable and the item.</summary>
    public static Result<IReadOnlyList<ModelMessage>> Read(string variable, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Wrong(variable, $"“{variable}” must be a list of messages, such as [{{\"role\": \"user\", \"content\": \"…\"}}].");
        }

        if (value.GetArrayLength() > Most)
        {
            return Wrong(variable, $"“{variable}” has {value.GetArrayLength():N0} messages. Send at most {Most:N0}.");
        }

        var messages = new List<ModelMessage>();
        foreach (var item in value.EnumerateArray())
        {
            if (ProblemOf(item) is { } problem)
            {
                return Wrong(variable, $"“{variable}”, message {messages.Count + 1}: {problem}");
            }

            messages.Add(new ModelMessage(RoleOf(item.GetProperty("role").GetString())!.Value, item.GetProperty("content").GetString()!));
        }

        return messages;
    }

    /// <summary>Why a value is not a list of messages, or null.</summary>
    public static string? ProblemOf(string variable, JsonElement value) => Read(variable, value).Problem?.Message;

    private static string? ProblemOf(JsonElement item) =>
        item.ValueKind != JsonValueKind.Object ? "write it as {\"role\": \"user\", \"content\": \"…\"}."
        : !item.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String ? "it has no “role”."
        : RoleOf(role.GetString()) is null ? $"the role must be system, user or assistant, not “{role.GetString()}”."
        : !item.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.String ? "its “content” must be text."
        : string.IsNullOrWhiteSpace(content.GetString()) ? "its “content” is empty. Providers refuse messages without text."
        : null;

    private static ModelRole? RoleOf(string? word) =>
        word switch
        {
            "system" => ModelRole.System,
            "user" => ModelRole.User,
            "assistant" => ModelRole.Assistant,
            _ => null,
        };

    private static Problem Wrong(string variable, string message) => Problem.Invalid(message, [new FieldError(variable, message)]);
}
