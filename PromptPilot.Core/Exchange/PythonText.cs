using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptPilot.Core.Exchange;

/// <summary>JSON as a literal of Python, with one line for each value.</summary>
internal static class PythonText
{
    public static string Of(JsonNode? value)
    {
        var text = new StringBuilder();
        Write(text, value, "");
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? value, string indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } pairs:
                text.Append("{\n");
                foreach (var (name, child) in pairs)
                {
                    text.Append(indent).Append("    ").Append(Literal(name)).Append(": ");
                    Write(text, child, indent + "    ");
                    text.Append(",\n");
                }

                text.Append(indent).Append('}');
                break;
            case JsonArray { Count: > 0 } items:
                text.Append("[\n");
                foreach (var child in items)
                {
                    text.Append(indent).Append("    ");
                    Write(text, child, indent + "    ");
                    text.Append(",\n");
                }

                text.Append(indent).Append(']');
                break;
            default:
                text.Append(Leaf(value));
                break;
        }
    }

    private static string Leaf(JsonNode? value) =>
        value switch
        {
            JsonObject => "{}",
            JsonArray => "[]",
            null => "None",
            _ => value.GetValueKind() switch
            {
                JsonValueKind.String => Literal(value.GetValue<string>()),
                JsonValueKind.True => "True",
                JsonValueKind.False => "False",
                JsonValueKind.Null => "None",
                _ => value.ToJsonString(),
            },
        };

    /// <summary>Printable ASCII stays, everything else is escaped. Unlike JSON, Python wants a whole character in one escape.</summary>
    private static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => literal.Append('\\').Append((char)rune.Value),
                '\n' => literal.Append("\\n"),
                >= ' ' and <= '~' => literal.Append((char)rune.Value),
                <= 0xFFFF => literal.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => literal.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return literal.Append('"').ToString();
    }
}
