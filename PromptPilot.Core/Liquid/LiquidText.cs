using System.Text.Json;

namespace PromptPilot.Core.Liquid;

/// <summary>Shared by templates and expressions: checks of the text, places in it, values.</summary>
internal static class LiquidText
{
    /// <exception cref="LiquidException">The text is too long, contains NUL or is not valid Unicode.</exception>
    public static void Check(string text)
    {
        if (text.Length > LiquidLimits.Text)
        {
            throw new LiquidException("A template can have at most a million characters.", 0);
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
            {
                throw new LiquidException("A template cannot contain the NUL character.", i);
            }

            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                throw new LiquidException("This is an incomplete character (a lone surrogate). Delete or retype it.", i);
            }
        }
    }

    public static LiquidError Locate(string text, string message, int offset)
    {
        var before = text.AsSpan(0, Math.Clamp(offset, 0, text.Length));
        var line = before.Count('\n') + 1;
        var column = before.Length - (before.LastIndexOf('\n') + 1) + 1;
        return new LiquidError(message, line, column);
    }

    public static string Sentence(LiquidError error) => $"Line {error.Line}, column {error.Column}: {error.Message}";

    public static bool HasValue(IReadOnlyDictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
}
