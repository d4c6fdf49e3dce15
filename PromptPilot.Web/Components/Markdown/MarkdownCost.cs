using Markdig.Syntax;

namespace PromptPilot.Web.Components.Markdown;

/// <summary>
/// Estimates the CPU time of rendering a block before it is rendered, since neither the parser nor the sanitizer can be cancelled.
/// Measured per construct: inline parsing grows with markers × length, the sanitizer with the number of elements, and a table has
/// a cell for each row and column even where the text has none.
/// </summary>
internal static class MarkdownCost
{
    /// <summary>A block that would cost more is shown as plain text.</summary>
    public static readonly TimeSpan OfBlock = TimeSpan.FromMilliseconds(60);

    /// <summary>Once the blocks of a text have cost this much, the rest of it is shown as plain text.</summary>
    public static readonly TimeSpan OfText = TimeSpan.FromMilliseconds(300);

    /// <summary>Once rendering an arriving text has cost this much, the rest is plain text until the text ends.</summary>
    public static readonly TimeSpan OfLiveText = TimeSpan.FromMilliseconds(600);

    /// <summary>The parser refuses deeper nesting, but only after time that grows with the square of the line.</summary>
    private const int MostContainersOnALine = 100;

    private const double BlockMicroseconds = 40;
    private const double ElementMicroseconds = 12;
    private const double CharacterMicroseconds = 0.03;
    private const double MarkerTimesLengthMicroseconds = 0.0024;

    private static readonly System.Buffers.SearchValues<char> Markers = System.Buffers.SearchValues.Create("[]*_~<");

    /// <summary>The time to find the blocks of a text. Each link definition is compared with the earlier ones.</summary>
    public static TimeSpan OfParsing(ReadOnlySpan<char> text)
    {
        double definitions = text.Count("]:");
        return TimeSpan.FromMicroseconds(10 + (0.01 * text.Length) + (0.7 * text.Count('\n')) + (0.001 * definitions * definitions));
    }

    /// <summary>The time to render a top-level block.</summary>
    /// <param name="text">The text that the block was parsed from.</param>
    public static TimeSpan Of(Block block, string text)
    {
        var cost = BlockMicroseconds + (CharacterMicroseconds * block.Span.Length);
        foreach (var part in block.Descendants().Prepend(block))
        {
            cost += ElementMicroseconds;
            if (part is LeafBlock { ProcessInlines: true } && part.Span is { Length: > 0 } span)
            {
                cost += OfInlines(text.AsSpan(span.Start, Math.Min(span.Length, text.Length - span.Start)));
            }
        }

        return TimeSpan.FromMicroseconds(cost);
    }

    /// <summary>Whether a line opens more quotes and lists than the parser can nest.</summary>
    public static bool NestsTooDeep(ReadOnlySpan<char> text)
    {
        foreach (var line in text.EnumerateLines())
        {
            if (line.Length > MostContainersOnALine && Containers(line) > MostContainersOnALine)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The number of quotes and list items that a line opens; none for a horizontal rule of dashes or stars.</summary>
    private static int Containers(ReadOnlySpan<char> line)
    {
        var (containers, isRule) = (0, true);
        for (var at = 0; at < line.Length; at++)
        {
            var letter = line[at];
            var isMarker = letter switch
            {
                '>' => true,
                '-' or '+' or '*' => at + 1 == line.Length || line[at + 1] is ' ' or '\t',
                '.' or ')' => at > 0 && char.IsAsciiDigit(line[at - 1]),
                _ => false,
            };
            isRule &= letter is '-' or '*' or ' ' or '\t';
            if (isMarker)
            {
                containers++;
            }
            else if (letter is not (' ' or '\t') && !char.IsAsciiDigit(letter))
            {
                break;
            }
        }

        return isRule ? 0 : containers;
    }

    private static double OfInlines(ReadOnlySpan<char> text)
    {
        var markers = 0;
        for (var rest = text; rest.IndexOfAny(Markers) is var at and >= 0; rest = rest[(at + 1)..])
        {
            markers++;
        }

        var (lines, columns) = (0, 0);
        foreach (var line in text.EnumerateLines())
        {
            lines++;
            columns = Math.Max(columns, line.Count('|'));
        }

        var links = text.Count("://") + text.Count("www.") + text.Count("mailto:");
        var cells = columns == 0 ? 0 : (double)lines * (columns + 1);
        var elements = (markers / 2.0) + (text.Count('`') / 2.0) + links + lines + cells;
        return (ElementMicroseconds * elements) + (MarkerTimesLengthMicroseconds * markers * text.Length);
    }
}
