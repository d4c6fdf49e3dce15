using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Liquid.Filters;

internal static class TextFilters
{
    public static IEnumerable<LiquidFilter> All =>
        [
            Text("upcase", text => text.ToUpperInvariant()),
            Text("downcase", text => text.ToLowerInvariant()),
            Text("capitalize", text => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant()),
            Text("strip", text => text.Trim()),
            Text("lstrip", text => text.TrimStart()),
            Text("rstrip", text => text.TrimEnd()),
            Text("strip_newlines", text => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)),
            Text(
                "newline_to_br",
                text => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "<br />\n", StringComparison.Ordinal)
            ),
            Text("strip_html", StripHtml),
            Text("escape", Escape),
            Text("escape_once", text => Escape(WebUtility.HtmlDecode(text))),
            Text("url_encode", text => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal)),
            Text("url_decode", text => WebUtility.UrlDecode(text)),
            Text("base64_encode", text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text))),
            Text("base64_decode", Base64Decode),
            new("append", 1, 1, (value, args) => Sized(LiquidValue.ToText(value), LiquidValue.ToText(args[0]), (a, b) => a + b)),
            new("prepend", 1, 1, (value, args) => Sized(LiquidValue.ToText(args[0]), LiquidValue.ToText(value), (a, b) => a + b)),
            new("remove", 1, 1, (value, args) => Replace(value, args[0], "")),
            new("remove_first", 1, 1, (value, args) => ReplaceOne(value, args[0], "", last: false)),
            new("remove_last", 1, 1, (value, args) => ReplaceOne(value, args[0], "", last: true)),
            new("replace", 1, 2, (value, args) => Replace(value, args[0], args.ElementAtOrDefault(1))),
            new("replace_first", 1, 2, (value, args) => ReplaceOne(value, args[0], args.ElementAtOrDefault(1), last: false)),
            new("replace_last", 1, 2, (value, args) => ReplaceOne(value, args[0], args.ElementAtOrDefault(1), last: true)),
            new(
                "truncate",
                0,
                2,
                (value, args) =>
                    Truncate(
                        LiquidValue.ToText(value),
                        LiquidMath.ToInt(args.ElementAtOrDefault(0), 50),
                        args.Length > 1 ? LiquidValue.ToText(args[1]) : "..."
                    )
            ),
            new(
                "truncatewords",
                0,
                2,
                (value, args) =>
                    TruncateWords(
                        LiquidValue.ToText(value),
                        LiquidMath.ToInt(args.ElementAtOrDefault(0), 15),
                        args.Length > 1 ? LiquidValue.ToText(args[1]) : "..."
                    )
            ),
            new("split", 1, 1, (value, args) => Split(LiquidValue.ToText(value), LiquidValue.ToText(args[0]))),
            new("json", 0, 0, (value, _) => JsonSerializer.Serialize(LiquidValue.ToJson(value), AppJson.Options)),
            new(
                "default",
                0,
                1,
                (value, args) =>
                    value is null || (value is false && args is not [_, true]) || LiquidValue.IsEmpty(value)
                        ? args.ElementAtOrDefault(0) ?? ""
                        : value
            ),
        ];

    private static LiquidFilter Text(string name, Func<string, string> apply) =>
        new(name, 0, 0, (value, _) => apply(LiquidValue.ToText(value)));

    private static string Sized(string first, string second, Func<string, string, string> make) =>
        (long)first.Length + second.Length <= LiquidLimits.Output
            ? make(first, second)
            : throw new LiquidException("the text would be too long.", 0);

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal);

    /// <summary>Removes tags, comments, and scripts and styles with their content.</summary>
    private static string StripHtml(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '<')
            {
                result.Append(text[i]);
                continue;
            }

            var end =
                Past(text, i, "<!--", "-->")
                ?? Past(text, i, "<script", "</script>")
                ?? Past(text, i, "<style", "</style>")
                ?? Past(text, i, "<", ">");
            if (end is null)
            {
                return result.Append(text, i, text.Length - i).ToString();
            }

            i = end.Value - 1;
        }

        return result.ToString();
    }

    private static int? Past(string text, int from, string start, string end)
    {
        if (string.Compare(text, from, start, 0, start.Length, StringComparison.OrdinalIgnoreCase) != 0)
        {
            return null;
        }

        var found = text.IndexOf(end, from + start.Length, StringComparison.OrdinalIgnoreCase);
        return found < 0 ? null : found + end.Length;
    }

    private static string Base64Decode(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw new LiquidException("this is not Base64.", 0);
        }
    }

    private static string Replace(object? value, object? wanted, object? by)
    {
        var text = LiquidValue.ToText(value);
        var search = LiquidValue.ToText(wanted);
        var replacement = LiquidValue.ToText(by);
        if (search.Length == 0)
        {
            return text;
        }

        if (replacement.Length > search.Length)
        {
            var places = 0L;
            for (
                var i = text.IndexOf(search, StringComparison.Ordinal);
                i >= 0;
                i = text.IndexOf(search, i + search.Length, StringComparison.Ordinal)
            )
            {
                places++;
            }

            if (text.Length + (places * (replacement.Length - search.Length)) > LiquidLimits.Output)
            {
                throw new LiquidException("the text would be too long.", 0);
            }
        }

        return text.Replace(search, replacement, StringComparison.Ordinal);
    }

    private static string ReplaceOne(object? value, object? wanted, object? by, bool last)
    {
        var text = LiquidValue.ToText(value);
        var search = LiquidValue.ToText(wanted);
        var at = last ? text.LastIndexOf(search, StringComparison.Ordinal) : text.IndexOf(search, StringComparison.Ordinal);
        return at < 0 || search.Length == 0
            ? text
            : Sized(
                text,
                LiquidValue.ToText(by),
                (_, replacement) => string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + search.Length))
            );
    }

    /// <summary>At most <paramref name="length"/> characters with the ellipsis; never cuts an emoji or accent in half.</summary>
    private static string Truncate(string text, int length, string ellipsis)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return string.Concat(text.AsSpan(0, Shorten.EndOfCharacters(text, Math.Max(0, length - ellipsis.Length))), ellipsis);
    }

    private static string TruncateWords(string text, int count, string ellipsis)
    {
        count = Math.Max(1, count);
        var words = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsWhiteSpace(text[i]) && (i == 0 || char.IsWhiteSpace(text[i - 1])) && ++words > count)
            {
                return text[..i].TrimEnd() + ellipsis;
            }
        }

        return text;
    }

    private static List<object?> Split(string text, string separator)
    {
        if (separator.Length == 0)
        {
            return text.Length <= LiquidLimits.Items
                ? [.. StringInfo.GetTextElementEnumerator(text).AsEnumerable()]
                : throw new LiquidException("the list would have more than a million items.", 0);
        }

        var parts = text.Split(separator, LiquidLimits.Items + 1);
        if (parts.Length > LiquidLimits.Items)
        {
            throw new LiquidException("the list would have more than a million items.", 0);
        }

        // As in Liquid, empty pieces at the end are dropped, and a single blank splits at any run of white space.
        IEnumerable<string> pieces = separator == " " ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : parts;
        var list = pieces.ToList<object?>();
        while (list is [.., ""])
        {
            list.RemoveAt(list.Count - 1);
        }

        return list;
    }

    private static IEnumerable<object?> AsEnumerable(this TextElementEnumerator elements)
    {
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }
}
