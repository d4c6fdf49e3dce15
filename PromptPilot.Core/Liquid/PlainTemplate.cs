using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// A template with only text and plain variables, like most prompts. With text values it needs no interpreter, whose context costs more
/// than the rest of a rendering.
/// </summary>
internal sealed partial class PlainTemplate
{
    /// <summary>The texts around and between the variables, one more than there are variables.</summary>
    private readonly string[] _texts;
    private readonly string[] _names;

    private PlainTemplate(string[] texts, string[] names) => (_texts, _names) = (texts, names);

    /// <param name="text">A template without errors.</param>
    /// <param name="variables">Its free variables.</param>
    /// <returns>Null if the template contains anything else.</returns>
    public static PlainTemplate? Of(string text, IReadOnlyList<string> variables)
    {
        var texts = new List<string>();
        var names = new List<string>();
        var from = 0;
        foreach (Match variable in Variable().Matches(text))
        {
            texts.Add(text[from..variable.Index]);
            names.Add(variable.Groups[1].Value);
            from = variable.Index + variable.Length;
        }

        texts.Add(text[from..]);
        return texts.TrueForAll(IsText) && names.TrueForAll(variables.Contains) ? new PlainTemplate([.. texts], [.. names]) : null;
    }

    /// <summary>Renders it.</summary>
    /// <returns>Null if a value is not a text, or the interpreter has to refuse it.</returns>
    public string? Render(IReadOnlyDictionary<string, JsonElement> values)
    {
        var parts = new string[_texts.Length + _names.Length];
        var length = 0L;
        for (var i = 0; i < _texts.Length; i++)
        {
            parts[2 * i] = _texts[i];
            length += _texts[i].Length;
            if (i < _names.Length)
            {
                if (!values.TryGetValue(_names[i], out var value) || TextOf(value) is not { } text)
                {
                    return null;
                }

                parts[(2 * i) + 1] = text;
                length += text.Length;
            }
        }

        return length > LiquidLimits.Output ? null : string.Concat(parts);
    }

    /// <summary>The text of a value; null if it is not a text or has a lone surrogate.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsText(string text) =>
        !text.Contains("{{", StringComparison.Ordinal)
        && !text.Contains("{%", StringComparison.Ordinal)
        && !text.EndsWith('{')
        && !text.StartsWith('}');

    [GeneratedRegex(@"\{\{\s*([^\s{}|.:,\[\]'""%=<>()-]+)\s*\}\}")]
    private static partial Regex Variable();
}
