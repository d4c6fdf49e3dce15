namespace PromptPilot.Core.Shared.Liquid;

internal enum SegmentKind
{
    Text,
    Output,
    Tag,
}

/// <summary>One piece of a template: literal text, what stands in <c>{{ }}</c>, or what stands in <c>{% %}</c>. <paramref name="Offset"/> is where <paramref name="Text"/> begins.</summary>
internal readonly record struct Segment(SegmentKind Kind, string Text, int Offset)
{
    /// <summary>The first word of a tag.</summary>
    public string TagName => new(Text.TakeWhile(c => !char.IsWhiteSpace(c)).ToArray());
}

/// <summary>Cuts a template into segments: knows quotes, whitespace control (<c>{%- -%}</c>), raw and comment.</summary>
internal static class LiquidSegments
{
    public static List<Segment> Cut(string text)
    {
        var segments = new List<Segment>();
        var position = 0;
        var trimNext = false;
        while (position < text.Length)
        {
            var open = NextOpening(text, position);
            var trimThis = open < text.Length && open + 2 < text.Length && text[open + 2] == '-';
            AddText(segments, text, position, open, trimNext, trimThis);
            if (open == text.Length)
            {
                break;
            }

            var isTag = text[open + 1] == '%';
            var close = Closing(text, open, isTag);
            trimNext = text[close - 1] == '-' && close - 1 > open + 1;
            var segment = Inner(text, open + (trimThis ? 3 : 2), trimNext ? close - 1 : close, isTag);
            position = close + 2;
            if (isTag && segment.TagName is "raw")
            {
                (var end, position, var trimEnd) = EndOf(text, "raw", position, segment.Offset);
                AddText(segments, text, close + 2, end, trimNext, trimEnd.Left);
                trimNext = trimEnd.Right;
            }
            else if (isTag && segment.TagName is "comment")
            {
                (_, position, var trimEnd) = EndOf(text, "comment", position, segment.Offset);
                trimNext = trimEnd.Right;
            }
            else if (!(isTag && segment.Text.StartsWith('#')))
            {
                segments.Add(segment);
            }
        }

        return segments;
    }

    private static int NextOpening(string text, int from)
    {
        for (var i = text.IndexOf('{', from); i >= 0 && i + 1 < text.Length; i = text.IndexOf('{', i + 1))
        {
            if (text[i + 1] is '{' or '%')
            {
                return i;
            }
        }

        return text.Length;
    }

    private static int Closing(string text, int open, bool isTag)
    {
        var last = isTag ? '%' : '}';
        var limit = Math.Min(text.Length, open + LiquidLimits.Tag);
        var quoteAt = -1;
        for (var i = open + 2; i + 1 < limit; i++)
        {
            if (quoteAt >= 0)
            {
                quoteAt = text[i] == text[quoteAt] ? -1 : quoteAt;
            }
            else if (text[i] is '\'' or '"')
            {
                quoteAt = i;
            }
            else if (text[i] == last && text[i + 1] == '}')
            {
                return i;
            }
        }

        if (quoteAt >= 0)
        {
            throw new LiquidException("This quote is never closed.", quoteAt);
        }

        throw new LiquidException(
            limit < text.Length ? $"What stands between the braces has at most {LiquidLimits.Tag} characters." : isTag ? "“{%” is never closed by “%}”." : "“{{” is never closed by “}}”.",
            open);
    }

    private static Segment Inner(string text, int start, int end, bool isTag)
    {
        end = Math.Max(start, end);
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return new Segment(isTag ? SegmentKind.Tag : SegmentKind.Output, text[start..end], start);
    }

    private static (int Start, int After, (bool Left, bool Right) Trim) EndOf(string text, string name, int from, int opening)
    {
        var depth = 1;
        for (var open = text.IndexOf("{%", from, StringComparison.Ordinal); open >= 0; open = text.IndexOf("{%", open + 2, StringComparison.Ordinal))
        {
            var close = text.IndexOf("%}", open + 2, StringComparison.Ordinal);
            if (close < 0)
            {
                break;
            }

            var inner = text[(open + 2)..close];
            var word = inner.Trim('-').Trim();
            if (word == name && name == "comment")
            {
                depth++;
            }
            else if (word == "end" + name && --depth == 0)
            {
                return (open, close + 2, (inner.StartsWith('-'), inner.EndsWith('-')));
            }
        }

        throw new LiquidException($"“{{% {name} %}}” is never closed by “{{% end{name} %}}”.", opening);
    }

    private static void AddText(List<Segment> segments, string text, int start, int end, bool trimStart, bool trimEnd)
    {
        while (trimStart && start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (trimEnd && end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        if (end > start)
        {
            segments.Add(new Segment(SegmentKind.Text, text[start..end], start));
        }
    }
}
