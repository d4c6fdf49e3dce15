using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptPilot.Core.Exchange.Yaml;

/// <summary>
/// Writes YAML in one way only, so that the same content always gives the same bytes, independent of library versions: fields in the order
/// given, lists as blocks, texts plain where no reader of YAML
/// could take them for anything else, as literal blocks where they have lines, else in double quotes.
/// </summary>
internal static class YamlWriter
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    };

    /// <summary>The fields, each line ended by a line feed.</summary>
    public static string Write(JsonObject fields)
    {
        var output = new StringBuilder();
        WriteMap(output, fields, 0, isFirstInline: false);
        return output.ToString();
    }

    private static void WriteMap(StringBuilder output, JsonObject map, int indent, bool isFirstInline)
    {
        foreach (var (key, value) in map)
        {
            output.Append(' ', isFirstInline ? 0 : indent).Append(OneLine(key)).Append(':');
            isFirstInline = false;
            WriteValue(output, value, indent);
        }
    }

    /// <summary>The part after a colon or a dash, with the line end.</summary>
    private static void WriteValue(StringBuilder output, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                output.Append('\n');
                WriteMap(output, map, indent + 2, isFirstInline: false);
                break;
            case JsonArray { Count: > 0 } list:
                output.Append('\n');
                WriteList(output, list, indent + 2);
                break;
            case JsonObject:
                output.Append(" {}\n");
                break;
            case JsonArray:
                output.Append(" []\n");
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                WriteText(output, scalar.GetValue<string>(), indent + 2);
                break;
            default:
                output.Append(' ').Append(value is null ? "null" : value.ToJsonString()).Append('\n');
                break;
        }
    }

    private static void WriteList(StringBuilder output, JsonArray list, int indent)
    {
        foreach (var item in list)
        {
            output.Append(' ', indent).Append('-');
            if (item is JsonObject { Count: > 0 } map)
            {
                output.Append(' ');
                WriteMap(output, map, indent + 2, isFirstInline: true);
            }
            else
            {
                WriteValue(output, item, indent);
            }
        }
    }

    private static void WriteText(StringBuilder output, string text, int indent)
    {
        if (!IsBlock(text))
        {
            output.Append(' ').Append(OneLine(text)).Append('\n');
            return;
        }

        var body = text.TrimEnd('\n');
        var ends = text.Length - body.Length;
        output.Append(
            ends switch
            {
                0 => " |-\n",
                1 => " |\n",
                _ => " |+\n",
            }
        );
        foreach (var line in body.Split('\n'))
        {
            output.Append(' ', line.Length == 0 ? 0 : indent).Append(line).Append('\n');
        }

        output.Append('\n', Math.Max(ends - 1, 0));
    }

    /// <summary>Whether a literal block preserves the lines of a text.</summary>
    private static bool IsBlock(string text) =>
        text.Contains('\n', StringComparison.Ordinal)
        && text[0] is not (' ' or '\t' or '\n')
        && text.Split('\n').All(line => line.Length == 0 || line.AsSpan().Trim(" \t").Length > 0)
        && IsReadable(text, "\n\t");

    private static string OneLine(string text) => IsPlain(text) ? text : Quoted(text);

    private static bool IsPlain(string text)
    {
        if (text.Length is 0 or > 1000 || Words.Contains(text) || text[^1] == ' ')
        {
            return false;
        }

        if (!char.IsLetter(text[0]) && text[0] != '_' && !IsVersion(text))
        {
            return false;
        }

        return text.All(letter =>
            char.IsLetterOrDigit(letter)
            || letter
                is ' '
                    or '_'
                    or '-'
                    or '.'
                    or ','
                    or '/'
                    or '('
                    or ')'
                    or '+'
                    or '\''
                    or '?'
                    or '!'
                    or ';'
                    or '“'
                    or '”'
                    or '’'
                    or '–'
                    or '…'
            || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        );
    }

    private static bool IsVersion(string text) =>
        text.Split('.') is { Length: 3 } parts && parts.All(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit));

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            _ = text[i] switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                var letter when IsReadable(letter) => quoted.Append(letter),
                var high when char.IsHighSurrogate(high) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) => quoted
                    .Append(high)
                    .Append(text[++i]),
                var hidden => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)hidden:X4}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsReadable(string text, string also)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (!IsReadable(text[i]) && !also.Contains(text[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Shown by an editor as what it is, and kept by every reader. The two joiners belong to Persian and Hindi words.</summary>
    private static bool IsReadable(char letter) =>
        letter is ' ' or '\u200C' or '\u200D'
        || char.GetUnicodeCategory(letter)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
