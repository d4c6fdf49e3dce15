using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PromptPilot.Core.Shared;

/// <summary>JSON that people type or programs send as text.</summary>
public static class JsonText
{
    private const string NulEscape = "\\u0000";

    private static readonly JsonDocumentOptions Carried = new() { MaxDepth = JsonLimits.CarriedDepth };

    /// <summary>Reads one JSON value; numbers keep the text they were written in.</summary>
    /// <returns>The value; or a sentence that says where the text is no JSON, or that it is nested too deep.</returns>
    public static Result<JsonElement> Read(string text)
    {
        try
        {
            var value = JsonElement.Parse(text, Carried);
            return JsonLimits.IsTooDeep(value) ? Problem.Invalid(JsonLimits.TooDeep) : value;
        }
        catch (JsonException exception)
        {
            return Problem.Invalid(
                JsonLimits.IsAboutDepth(exception)
                    ? JsonLimits.TooDeep
                    : $"This is not JSON: line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}. Strings "
                        + "need double quotes."
            );
        }
        catch (ArgumentException)
        {
            return Problem.Invalid(Unicode.HalfCharacter);
        }
    }

    /// <summary>Reads JSON that was checked when it was stored.</summary>
    /// <exception cref="JsonException">It is no JSON: the database was changed by something else.</exception>
    internal static JsonElement ReadStored(string text) => JsonElement.Parse(text, Carried);

    /// <summary>Why a text inside a value cannot be stored; null if all can. JSON can carry any UTF-16 unit as an escape.</summary>
    public static string? Fault(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => Unicode.Fault(value.GetString()),
                JsonValueKind.Array => value.EnumerateArray().Select(Fault).FirstOrDefault(fault => fault is not null),
                JsonValueKind.Object => value
                    .EnumerateObject()
                    .Select(member => Unicode.Fault(member.Name) ?? Fault(member.Value))
                    .FirstOrDefault(fault => fault is not null),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return Unicode.HalfCharacter;
        }
    }

    /// <summary>JSON with U+FFFD in place of each U+0000 in its strings; other text, including escaped backslashes, as it is.</summary>
    internal static string WithoutNul(string json)
    {
        var at = json.IndexOf(NulEscape, StringComparison.Ordinal);
        if (at < 0)
        {
            return json;
        }

        var text = new StringBuilder(json);
        for (; at >= 0; at = json.IndexOf(NulEscape, at + NulEscape.Length, StringComparison.Ordinal))
        {
            // A backslash before it makes it a backslash and the letters u0000.
            if (json.AsSpan(0, at).TrimEnd('\\').Length % 2 == at % 2)
            {
                text.Remove(at + 2, 4).Insert(at + 2, "fffd");
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// A number as people write it, e.g. <c>1.10</c>, <c>+5</c> or <c>.5</c>. One that JSON can write keeps its digits, however many they
    /// are.
    /// </summary>
    public static bool TryReadNumber(string text, out JsonElement number)
    {
        text = text.Trim();
        number = default;
        if (text.Length > 0 && (text[0] == '-' || char.IsAsciiDigit(text[0])))
        {
            try
            {
                number = JsonElement.Parse(text);
                return true;
            }
            catch (JsonException)
            {
                // Another way to write a number, or none.
            }
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        number = JsonSerializer.SerializeToElement(value);
        return true;
    }
}
