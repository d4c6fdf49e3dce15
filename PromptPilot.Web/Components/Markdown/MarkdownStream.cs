using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using PromptPilot.Core.Runs.Feed;

namespace PromptPilot.Web.Components.Markdown;

/// <summary>What to show of a text so far. Closed parts never change again, so a page sends them once.</summary>
/// <param name="Closed">HTML of the top-level blocks that are finished.</param>
/// <param name="Open">HTML of the block that is being written.</param>
/// <param name="Plain">What lies beyond the limit: plain text, in pieces that no longer change.</param>
/// <param name="PlainTail">The rest of it.</param>
/// <param name="Length">How much of the text it covers, in UTF-16 code units.</param>
public sealed record MarkdownView(
    ImmutableList<string> Closed,
    string Open,
    ImmutableList<string> Plain,
    string PlainTail,
    int Length,
    bool IsComplete
)
{
    public static readonly MarkdownView Empty = new([], "", [], "", 0, false);

    public bool IsEmpty => Length == 0;
}

/// <summary>
/// Renders Markdown while it grows: top-level blocks are rendered once when they close, and only the open one again. One stream is shared
/// by all viewers of a text.
/// Block structure of CommonMark is decided line by line, so a block is closed for certain once another one follows it on a line that is
/// complete.
/// </summary>
internal sealed class MarkdownStream
{
    /// <summary>Beyond this, text stays plain until its end is there: rendering it again and again would cost too much.</summary>
    public const int LiveLimit = 64 * 1024;

    /// <summary>Beyond this it stays plain for good, for the viewer's browser's sake.</summary>
    public const int FinalLimit = 256 * 1024;

    /// <summary>A single block above this is shown as it is written (a long listing, as a rule).</summary>
    private const int BlockLimit = 32 * 1024;

    private const int PlainPiece = 16 * 1024;

    private static readonly ConditionalWeakTable<LiveText, MarkdownStream> OfLiveTexts = [];
    private static readonly ConditionalWeakTable<string, MarkdownStream> OfTexts = [];

    private readonly Lock _lock = new();
    private string _pending = "";
    private int _parsedLines = -1;
    private bool _hasDefinitions;
    private MarkdownView _view = MarkdownView.Empty;

    /// <summary>The newest rendering.</summary>
    public MarkdownView View => Volatile.Read(ref _view);

    /// <summary>The one stream of a live text.</summary>
    public static MarkdownStream Of(LiveText text) => OfLiveTexts.GetValue(text, _ => new MarkdownStream());

    /// <summary>The rendering of a text that is whole already.</summary>
    public static MarkdownView Of(string text)
    {
        var stream = OfTexts.GetValue(text, _ => new MarkdownStream());
        return stream.Update(text.Length, from => text[from..], isComplete: true);
    }

    /// <summary>Takes in what has arrived.</summary>
    public MarkdownView Update(LiveText text)
    {
        // Asked for first: what it covers is then in the slice.
        var isComplete = text.IsComplete;
        return Update(text.Length, from => text.Slice(from), isComplete);
    }

    /// <summary>Takes in what has arrived.</summary>
    /// <param name="length">Of the whole text so far.</param>
    /// <param name="slice">Gives the text from an offset on.</param>
    public MarkdownView Update(int length, Func<int, string> slice, bool isComplete)
    {
        lock (_lock)
        {
            if (_view.IsComplete || (length == _view.Length && !isComplete))
            {
                return _view;
            }

            var added = slice(_view.Length);

            // Half of a surrogate pair is no character: it waits for its other half.
            if (!isComplete && added.Length > 0 && char.IsHighSurrogate(added[^1]))
            {
                added = added[..^1];
            }

            Volatile.Write(ref _view, Take(added, slice, isComplete));
            return _view;
        }
    }

    private MarkdownView Take(string added, Func<int, string> slice, bool isComplete)
    {
        var length = _view.Length + added.Length;
        _pending += added;
        if (length <= LiveLimit || (isComplete && length <= FinalLimit))
        {
            var closed = Close(_view.Closed, isComplete);
            if (isComplete && _hasDefinitions && length <= LiveLimit)
            {
                // Links may refer to addresses defined anywhere in the text: only now are all known.
                closed = [SafeMarkdown.Render(slice(0))];
            }

            return new MarkdownView(closed, isComplete ? "" : RenderBlock(_pending), [], "", length, isComplete);
        }

        var (plain, start) = (_view.Plain, _view.Plain.Sum(piece => piece.Length));
        while (_pending.Length - start > PlainPiece)
        {
            var size = PlainSize(_pending.AsSpan(start, PlainPiece));
            plain = plain.Add(_pending.Substring(start, size));
            start += size;
        }

        return new MarkdownView(_view.Closed, "", plain, _pending[start..], length, isComplete);
    }

    /// <summary>
    /// A piece of plain text is a block of its own, so that a browser lays out only those in sight: it ends with a line, unless the line is
    /// longer than it.
    /// </summary>
    private static int PlainSize(ReadOnlySpan<char> text)
    {
        var lineEnd = text.LastIndexOf('\n');
        return lineEnd >= 0 ? lineEnd + 1
            : char.IsHighSurrogate(text[^1]) ? text.Length - 1
            : text.Length;
    }

    /// <summary>Moves finished blocks out of the pending text; at the end, all of them.</summary>
    private ImmutableList<string> Close(ImmutableList<string> closed, bool isComplete)
    {
        var lineEnd = isComplete ? _pending.Length : _pending.LastIndexOf('\n') + 1;
        if (lineEnd == _parsedLines && !isComplete)
        {
            return closed;
        }

        var starts = BlockStarts(_pending[..lineEnd]);
        for (var i = 0; i + 1 < starts.Count; i++)
        {
            closed = closed.Add(RenderBlock(_pending[starts[i]..starts[i + 1]]));
        }

        if (isComplete)
        {
            closed = closed.Add(RenderBlock(_pending[(starts.Count == 0 ? 0 : starts[^1])..]));
            _pending = "";
        }
        else if (starts.Count > 1)
        {
            _pending = _pending[starts[^1]..];
        }

        _parsedLines = _pending.LastIndexOf('\n') + 1;
        return closed;
    }

    /// <summary>Where the top-level blocks of a text start; the first always counts as starting at 0.</summary>
    private List<int> BlockStarts(string text)
    {
        MarkdownDocument document;
        try
        {
            document = SafeMarkdown.Parse(text);
        }
        catch (ArgumentException)
        {
            // Nests too deep: one block, shown as plain text.
            return [0];
        }

        _hasDefinitions |= document.Any(block => block is LinkReferenceDefinitionGroup);
        var starts = new List<int>();
        var afterTable = false;
        foreach (var block in document.Where(block => block is not LinkReferenceDefinitionGroup).OrderBy(block => block.Span.Start))
        {
            var start = LineStart(text, block.Span.Start);
            var isTable = block is Table;
            if (starts.Count == 0)
            {
                starts.Add(0);
            }
            else if (!(isTable || afterTable) || FollowsBlankLine(text, start))
            {
                starts.Add(start);
            }

            afterTable = isTable;
        }

        return starts;
    }

    /// <summary>
    /// A table is cut out of the paragraph around it, and further lines can undo that: only a blank line parts them for certain.
    /// </summary>
    private static bool FollowsBlankLine(string text, int start)
    {
        var before = text.AsSpan(0, start).TrimEnd(" \t");
        var line =
            before.EndsWith("\r\n") ? before[..^2]
            : before.Length > 0 ? before[..^1]
            : before;
        line = line.TrimEnd(" \t");
        return line.Length == 0 || line[^1] is '\r' or '\n';
    }

    /// <summary>Where the line of an offset starts: indentation belongs to its block.</summary>
    private static int LineStart(string text, int offset) => offset == 0 ? 0 : text.AsSpan(0, offset).LastIndexOfAny('\r', '\n') + 1;

    private static string RenderBlock(string text) =>
        text.Length switch
        {
            0 => "",
            > BlockLimit => SafeMarkdown.Plain(text),
            _ => SafeMarkdown.Render(text),
        };
}
