using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Files.Texts;

/// <summary>
/// The text of HTML in one pass from front to back: tags are dropped, scripts and styles with their content, blocks become lines. Nothing
/// is fetched or run.
/// </summary>
internal static partial class HtmlText
{
    /// <summary>Bytes in which a declared encoding is looked for.</summary>
    private const int Start = 1024;

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "title",
        "tr",
        "ul",
    };

    private static readonly HashSet<string> Skipped = new(StringComparer.OrdinalIgnoreCase)
    {
        "noscript",
        "script",
        "style",
        "svg",
        "template",
        "textarea",
    };

    /// <summary>With the encoding that a byte order mark or the page itself names.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var start = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, Start)]);
        if (Charset().Match(start) is { Success: true } declared && !bytes.StartsWith("\uFEFF"u8))
        {
            try
            {
                var name = declared.Groups[1].Value;
                var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
                if (encoding.IsSingleByte || encoding.CodePage is 932 or 936 or 949 or 950 or 54936 or 51932)
                {
                    return encoding.GetString(bytes);
                }
            }
            catch (ArgumentException)
            {
                // An encoding that does not exist: decided by the bytes.
            }
        }

        return PlainText.Decode(bytes);
    }

    public static string Of(string html)
    {
        var text = new StringBuilder();
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            if (open < 0)
            {
                Add(text, html.AsSpan(at));
                break;
            }

            Add(text, html.AsSpan(at, open - at));
            at = AfterTag(html, open, text);
        }

        return WithoutBlankLines(text.ToString());
    }

    /// <summary>At most one empty line in a row.</summary>
    private static string WithoutBlankLines(string text)
    {
        var clean = new StringBuilder(text.Length);
        var empty = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd();
            empty = line.IsEmpty ? empty + 1 : 0;
            if (empty < 2)
            {
                clean.Append(line).Append('\n');
            }
        }

        return clean.ToString().Trim();
    }

    /// <summary>Reads one tag or comment, and with a skipped element all of it.</summary>
    private static int AfterTag(string html, int open, StringBuilder text)
    {
        if (html.AsSpan(open).StartsWith("<!--"))
        {
            var end = html.IndexOf("-->", open + 4, StringComparison.Ordinal);
            return end < 0 ? html.Length : end + 3;
        }

        var from = open + 1;
        var isEnd = from < html.Length && html[from] == '/';
        from += isEnd ? 1 : 0;
        var to = from;
        while (to < html.Length && char.IsAsciiLetterOrDigit(html[to]))
        {
            to++;
        }

        if (to == from && (from >= html.Length || html[from] is not ('!' or '?')))
        {
            // A lone less-than sign.
            text.Append('<');
            return open + 1;
        }

        var name = html[from..to];
        var close = EndOfTag(html, to);
        if (Blocks.Contains(name))
        {
            text.Append('\n');
        }
        else if (name.Equals("td", StringComparison.OrdinalIgnoreCase) || name.Equals("th", StringComparison.OrdinalIgnoreCase))
        {
            text.Append(isEnd ? '\t' : ' ');
        }

        if (isEnd || !Skipped.Contains(name) || html[Math.Max(open, close - 2)] == '/')
        {
            return close;
        }

        var over = html.IndexOf("</" + name, close, StringComparison.OrdinalIgnoreCase);
        return over < 0 ? html.Length : EndOfTag(html, over);
    }

    /// <summary>Behind the closing bracket, which does not count inside of quotes.</summary>
    private static int EndOfTag(string html, int at)
    {
        var quote = '\0';
        for (; at < html.Length; at++)
        {
            var character = html[at];
            if (quote != '\0')
            {
                quote = character == quote ? '\0' : quote;
            }
            else if (character is '"' or '\'' && html[at - 1] == '=')
            {
                quote = character;
            }
            else if (character == '>')
            {
                return at + 1;
            }
        }

        return html.Length;
    }

    /// <summary>White space as browsers show it: one space, none at the start of a line.</summary>
    private static void Add(StringBuilder text, ReadOnlySpan<char> raw)
    {
        foreach (var character in WebUtility.HtmlDecode(raw.ToString()))
        {
            if (!char.IsWhiteSpace(character) || character == '\u00A0')
            {
                text.Append(character == '\u00A0' ? ' ' : character);
            }
            else if (text.Length > 0 && text[^1] is not (' ' or '\n' or '\t'))
            {
                text.Append(' ');
            }
        }
    }

    [GeneratedRegex("""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,40})""", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();
}
