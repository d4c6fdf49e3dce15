using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>Short values in events: names, reasons, kinds.</summary>
internal static class JsonWords
{
    private const int MaxReason = 60;

    /// <summary>The string at the reader, with U+FFFD for invalid text.</summary>
    public static string Text(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(json.ValueSpan);
        }

        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a character.
            return "\uFFFD";
        }
    }

    /// <summary>
    /// Why an answer ended: a text, or an object with one as its <c>type</c> or <c>reason</c>. Null where nothing is said: no text, a blank
    /// one, or one that says “none”.
    /// </summary>
    public static string? Reason(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            var inner = json;
            string? word = null;
            while (word is null && inner.Read() && inner.TokenType == JsonTokenType.PropertyName)
            {
                var isWord = inner.ValueTextEquals("type"u8) || inner.ValueTextEquals("reason"u8);
                inner.Read();
                word = isWord && inner.TokenType == JsonTokenType.String ? Reason(ref inner) : null;
                inner.Skip();
            }

            return word;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            return null;
        }

        var text = Text(ref json).Trim();
        return text.Length == 0 || text.ToUpperInvariant() is "NULL" or "NONE" or "UNSPECIFIED" or "FINISH_REASON_UNSPECIFIED"
            ? null
            : Shorten.Cut(text, MaxReason);
    }

    /// <summary>Kinds of parts that hold what the model thinks: <c>thinking</c>, <c>reasoning</c>, <c>reasoning_text</c>, ….</summary>
    public static bool IsThinking(ReadOnlySpan<byte> type) => type.IndexOf("think"u8) >= 0 || type.IndexOf("reason"u8) >= 0;

    /// <summary>True when a value is not null, false, zero, or an empty text, list or object. Leaves the reader at its end.</summary>
    public static bool IsSomething(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Null or JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return json.ValueSpan.Length > 0;
            case JsonTokenType.Number:
                return !(json.TryGetInt64(out var number) && number == 0);
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var inner = json;
                json.Skip();
                return inner.Read() && inner.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray);
            default:
                return true;
        }
    }
}
