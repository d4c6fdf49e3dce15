using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Chat;

/// <summary>A value that a prompt or workflow takes.</summary>
internal sealed record ChatSlot(string Name, VariableType Type, bool IsOptional);

/// <summary>Turns the messages of a chat into values. A pure function.</summary>
internal static class ChatValues
{
    /// <summary>
    /// The last message of the user is the only value that is needed, else the only text. Where several are needed, it is a JSON object
    /// with all of them. A chosen input takes it always. The messages before it are the history, where one is taken.
    /// </summary>
    /// <param name="history">The name of the value for the messages; null: only the last message is read.</param>
    /// <param name="kind">Who takes them, for errors: prompt or workflow.</param>
    /// <param name="chosen">The name of the value that takes the last message; null: decided here.</param>
    /// <returns>The values by name, or a problem at <c>messages</c>.</returns>
    public static Result<IReadOnlyDictionary<string, JsonElement>> Of(
        IReadOnlyList<ModelMessage> messages,
        IReadOnlyList<ChatSlot> slots,
        string? history,
        string kind,
        string? chosen = null
    )
    {
        if (messages is not [.., { Role: ModelRole.User } last])
        {
            return Wrong("The last message must have the role user.");
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var open = slots.Where(slot => slot.Name != history).ToList();
        if (open.Count == 0)
        {
            return history is null
                ? Wrong($"This {kind} has no values to fill in, so it cannot read the message.")
                : WithHistory(values, history, messages);
        }

        if ((open.Find(one => one.Name == chosen) ?? SlotOf(open)) is { } slot)
        {
            var value = ValueOf(slot, last.Text);
            if (!value.IsOk)
            {
                return value.Problem;
            }

            values[slot.Name] = value.Value;
        }
        else if (!TryReadObject(last.Text, values))
        {
            return Wrong(
                $"This {kind} needs several values: {string.Join(", ", open.Select(one => one.Name))}. "
                    + "Send them in the last message, as a JSON object of valid Unicode."
            );
        }

        return history is null || messages.Count == 1 ? values : WithHistory(values, history, messages.SkipLast(1));
    }

    private static ChatSlot? SlotOf(List<ChatSlot> open) =>
        open.Where(slot => !slot.IsOptional).ToList() switch
        {
            [var only] => only,
            [] when open.Where(slot => slot.Type == VariableType.Text).ToList() is [var text] => text,
            [] when open is [var only] => only,
            _ => null,
        };

    private static Result<JsonElement> ValueOf(ChatSlot slot, string text)
    {
        if (slot.Type is VariableType.Text or VariableType.Choice)
        {
            return AppJson.Text(text);
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return Wrong($"“{slot.Name}” is not text. Send its value in the last message, as JSON.");
        }
    }

    private static bool TryReadObject(string text, Dictionary<string, JsonElement> values)
    {
        try
        {
            var read = JsonElement.Parse(text);
            if (read.ValueKind != JsonValueKind.Object || JsonText.Fault(read) is not null)
            {
                return false;
            }

            foreach (var member in read.EnumerateObject())
            {
                values[member.Name] = member.Value;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Dictionary<string, JsonElement> WithHistory(
        Dictionary<string, JsonElement> values,
        string history,
        IEnumerable<ModelMessage> messages
    )
    {
        values[history] = JsonSerializer.SerializeToElement(
            messages.Select(message => new { role = message.Role, content = message.Text }),
            AppJson.Options
        );
        return values;
    }

    private static Problem Wrong(string message) => Problem.AtField("messages", message);
}
