using System.Buffers;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.SemanticKernel;

namespace PromptPilot.Core.Runs.State;

/// <summary>
/// Finds JSON in a model's text: models think first, wrap their answer in Markdown fences, and add text around it.
/// Nothing is guessed: bare JSON among prose is not looked for.
/// </summary>
internal static class JsonAnswer
{
    private const int MinFence = 3;

    private static readonly SearchValues<string> Fences = SearchValues.Create(["```", "~~~"], StringComparison.Ordinal);
    private static readonly SearchValues<char> TagLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    /// <summary>The text without leading thinking, and without the one tag or pair of backticks around all of it.</summary>
    public static ReadOnlySpan<char> Whole(ReadOnlySpan<char> text)
    {
        var whole = Trimmed(Thinking.After(Trimmed(text)));
        if (whole.Length > 2 && whole[0] == '`' && whole[1] != '`' && whole[1..].IndexOf('`') == whole.Length - 2)
        {
            return whole[1..^1].Trim();
        }

        return WithoutTag(whole);
    }

    /// <summary>The content of each code fence, and text between fences that begins like an object or a list.</summary>
    /// <param name="text">As <see cref="Whole"/> returns it.</param>
    public static List<string> Candidates(ReadOnlySpan<char> text)
    {
        var found = new List<string>();
        var (start, ticks, mark) = (0, 0, '`');
        for (var at = 0; at < text.Length; )
        {
            var end = text[at..].IndexOf('\n') is >= 0 and var length ? at + length : text.Length;
            var line = text[at..end];
            if (ticks == 0 && FindOpening(line) is { } opening)
            {
                Add(found, text[start..(at + opening.At)], isFenced: false);
                (mark, ticks, start) = (opening.Mark, opening.Ticks, at + opening.Content);
                line = text[start..end];
                at = start;
            }

            if (ticks > 0 && IsClosing(line, mark, ticks, out var before))
            {
                Add(found, text[start..(at + before)], isFenced: true);
                (ticks, start) = (0, end);
            }

            at = end + 1;
        }

        Add(found, text[Math.Min(start, text.Length)..], isFenced: ticks > 0);
        return found;
    }

    private static void Add(List<string> found, ReadOnlySpan<char> part, bool isFenced)
    {
        part = Trimmed(part);
        if (!isFenced)
        {
            // A fence that was closed but never opened leaves its marks here.
            part = part.TrimEnd('`').TrimEnd();
            if (part.IsEmpty || part[0] is not ('{' or '['))
            {
                return;
            }
        }

        if (!part.IsEmpty)
        {
            found.Add(part.ToString());
        }
    }

    /// <summary>A fence that begins in this line, also behind words: what follows it is its language, or already the content.</summary>
    private static (int At, int Content, int Ticks, char Mark)? FindOpening(ReadOnlySpan<char> line)
    {
        var at = line.IndexOfAny(Fences);
        if (
            at < 0
            || (line.IndexOf('{') is >= 0 and var brace && brace < at)
            || (line.IndexOf('[') is >= 0 and var bracket && bracket < at)
        )
        {
            return null;
        }

        var mark = line[at];
        var rest = line[at..];
        var ticks = rest.IndexOfAnyExcept(mark) is > 0 and var count ? count : rest.Length;
        var content = rest.IndexOfAny('{', '[');
        if (content < 0 && rest[ticks..].IndexOfAny(Fences) >= 0)
        {
            // Code within a sentence.
            return null;
        }

        return (at, at + (content >= 0 ? content : rest.Length), ticks, mark);
    }

    /// <summary>A line that is the fence, or ends with it.</summary>
    private static bool IsClosing(ReadOnlySpan<char> line, char mark, int ticks, out int before)
    {
        var trimmed = line.TrimEnd();
        before = trimmed.TrimEnd(mark).Length;
        return trimmed.Length - before >= Math.Max(ticks, MinFence);
    }

    /// <summary><c>&lt;answer&gt;{…}&lt;/answer&gt;</c></summary>
    private static ReadOnlySpan<char> WithoutTag(ReadOnlySpan<char> whole)
    {
        if (whole.IsEmpty || whole[0] != '<' || whole.IndexOf('>') is not (> 1 and < 40 and var close))
        {
            return whole;
        }

        var name = whole[1..close];
        var isTag = !name.ContainsAnyExcept(TagLetters);
        return
            isTag
            && whole.Length >= (2 * name.Length) + 5
            && whole.EndsWith(">")
            && whole[..^1].EndsWith(name)
            && whole[..^(1 + name.Length)].EndsWith("</")
            ? Trimmed(whole[(close + 1)..^(name.Length + 3)])
            : whole;
    }

    private static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> text) => text.Trim().Trim('\uFEFF').Trim();
}
