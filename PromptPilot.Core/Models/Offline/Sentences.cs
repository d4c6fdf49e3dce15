using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Models.Offline;

/// <summary>A sentence of the material.</summary>
/// <param name="Text">On one line, without list marks.</param>
/// <param name="IsProse">Ends like a sentence or is an item of a list; headings and fragments do not.</param>
internal sealed record Sentence(string Text, bool IsProse);

/// <summary>
/// Splits text of any script into sentences: at end marks of many scripts, at paragraphs, headings and list items; hard-wrapped lines are
/// joined first.
/// </summary>
internal static partial class Sentences
{
    /// <summary>Text without end marks (tables, Thai) is cut at a blank when it gets longer than this.</summary>
    private const int MaxLength = 600;

    private const string EndMarks = ".!?…。！？｡؟۔।॥։።";

    /// <summary>End marks that need no blank after them.</summary>
    private const string WideEndMarks = "。！？｡";

    private const string Closers = "\"'”’»)]）」』】›";

    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "cf",
        "no",
        "nos",
        "art",
        "sec",
        "fig",
        "vol",
        "pp",
        "p",
        "inc",
        "ltd",
        "co",
        "jr",
        "sr",
        "z.b",
        "d.h",
        "u.a",
        "bzw",
        "ca",
        "nr",
        "abs",
        "vgl",
        "p.ex",
        "sra",
        "ud",
        "uds",
        "av",
        "approx",
        "dept",
        "est",
    };

    public static List<Sentence> Split(string text)
    {
        var sentences = new List<Sentence>();
        var unit = new StringBuilder();
        var isItem = false;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range].Trim();
            if (line.IsEmpty || IsRule(line))
            {
                Flush();
                continue;
            }

            var mark = ItemMark().Match(line.ToString());
            var isHeading = line[0] == '#';
            if (mark.Success || isHeading)
            {
                Flush();
                isItem = mark.Success;
                line = mark.Success ? line[mark.Length..] : line.TrimStart('#').Trim();
            }

            if (unit.Length > 0 && !(IsWide(unit[^1]) && line.Length > 0 && IsWide(line[0])))
            {
                unit.Append(' ');
            }

            unit.Append(line);
            if (isHeading)
            {
                Flush();
            }
        }

        Flush();
        return sentences;

        void Flush()
        {
            if (unit.Length > 0)
            {
                Cut(Blanks().Replace(unit.ToString(), " ").Trim(), isItem, sentences);
                unit.Clear();
            }

            isItem = false;
        }
    }

    private static void Cut(string unit, bool isItem, List<Sentence> sentences)
    {
        var start = 0;
        for (var i = 0; i < unit.Length; i++)
        {
            if (EndOfSentence(unit, start, i) is var end && end > 0)
            {
                Add(unit[start..end], true);
                start = end;
                i = end - 1;
            }
            else if (i - start >= MaxLength && unit[i] is ' ' or ',' or '，' or '、')
            {
                Add(unit[start..(i + 1)], false);
                start = i + 1;
            }
        }

        Add(unit[start..], isItem && start == 0);

        void Add(string part, bool ended)
        {
            part = part.Trim();
            if (part.Length > 0)
            {
                sentences.Add(new Sentence(part, ended));
            }
        }
    }

    /// <summary>The end of the sentence whose end mark is at <paramref name="i"/>; 0 if none ends there.</summary>
    private static int EndOfSentence(string text, int start, int i)
    {
        if (!EndMarks.Contains(text[i], StringComparison.Ordinal))
        {
            return 0;
        }

        var isWide = WideEndMarks.Contains(text[i], StringComparison.Ordinal);
        var end = i + 1;
        while (
            end < text.Length
            && (EndMarks.Contains(text[end], StringComparison.Ordinal) || Closers.Contains(text[end], StringComparison.Ordinal))
        )
        {
            end++;
        }

        if (isWide || end == text.Length)
        {
            return end;
        }

        if (text[end] != ' ' || (text[i] == '.' && IsAbbreviation(text.AsSpan(start, i - start))))
        {
            return 0;
        }

        return end + 1 < text.Length && char.IsLower(text[end + 1]) ? 0 : end;
    }

    /// <summary>A known abbreviation, a single letter (an initial) or a number at the sentence's start (a section's).</summary>
    private static bool IsAbbreviation(ReadOnlySpan<char> before)
    {
        var word = before[(before.LastIndexOfAny(' ', '(') + 1)..];
        return word.Length == 0
            || (word.Length == 1 && char.IsLetter(word[0]))
            || Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)
            || (word.Length == before.Length && !word.ContainsAnyExceptInRange('0', '9'));
    }

    private static bool IsRule(ReadOnlySpan<char> line)
    {
        foreach (var c in line)
        {
            if (char.IsLetterOrDigit(c))
            {
                return line[0] == '<' && line[^1] == '>' && !line.Contains(' ');
            }
        }

        return true;
    }

    internal static bool IsWide(char c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.OtherLetter && c >= '\u2E80' && c is < '\uAC00' or > '\uD7A3'
        || c is '。' or '、' or '，';

    [GeneratedRegex(@"^(?:[-*•‣–]|\d{1,3}[.)]|\([a-z0-9]{1,3}\)|[a-z]\)|\[[ xX]\])\s+")]
    private static partial Regex ItemMark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
