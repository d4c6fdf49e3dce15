using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Markdig.Syntax;
using PromptPilot.Core.Runs.Feed;

namespace PromptPilot.Web.Components.Markdown;

/// <summary>The rendered parts of a text so far. Closed parts never change again, so a page sends them once.</summary>
/// <param name="Closed">HTML of the top-level blocks that are finished.</param>
/// <param name="Open">HTML of the block that is being written.</param>
/// <param name="Plain">The text beyond the limit, in plain pieces that no longer change.</param>
/// <param name="PlainTail">The remaining text.</param>
/// <param name="Length">Length of the covered text in UTF-16 code units.</param>
/// <param name="IsPartlyPlain">True if some text stays plain, since formatting it would take too long.</param>
public sealed record MarkdownView(
    ImmutableList<string> Closed,
    string Open,
    ImmutableList<string> Plain,
    string PlainTail,
    int Length,
    bool IsComplete,
    bool IsPartlyPlain = false
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
/// Its CPU time is bounded by <see cref="MarkdownCost"/>, whatever the text is and in however many pieces it comes.
/// </summary>
internal sealed class MarkdownStream
{
    /// <summary>Beyond this, text stays plain until it ends.</summary>
    public const int LiveLimit = 64 * 1024;

    /// <summary>Beyond this it always stays plain, to spare the viewer's browser.</summary>
    public const int FinalLimit = 256 * 1024;

    /// <summary>A single block above this is shown as plain text (usually a long listing).</summary>
    private const int BlockLimit = 32 * 1024;

    private const int PlainPiece = 16 * 1024;

    /// <summary>An open block up to this length is rendered with each piece that arrives; a longer one each time it has grown by an
    /// eighth.</summary>
    private const int RenderedAlways = 2 * 1024;

    private static readonly ConditionalWeakTable<LiveText, MarkdownStream> OfLiveTexts = [];
    private static readonly ConditionalWeakTable<string, MarkdownStream> OfTexts = [];

    private readonly Lock _lock = new();
    private string _pending = "";
    private int _pendingStart;
    private string _open = "";
    private int _openLength;
    private int _parsedLines = -1;
    private TimeSpan _spent;
    private TimeSpan _spentOnClosed;
    private bool _hasDefinitions;
    private bool _isPartlyPlain;
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
        // Read first, so that the slice contains everything it covers.
        var isComplete = text.IsComplete;
        return Update(text.Length, from => text.Slice(from), isComplete);
    }

    /// <summary>Takes in what has arrived.</summary>
    /// <param name="length">The length of the whole text so far.</param>
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

            // Half of a surrogate pair is not a character: it waits for its other half.
            if (!isComplete && added.Length > 0 && char.IsHighSurrogate(added[^1]))
            {
                added = added[..^1];
            }

            Volatile.Write(ref _view, isComplete ? Finish(added, slice) : Take(added));
            return _view;
        }
    }

    private MarkdownView Take(string added)
    {
        var length = _view.Length + added.Length;
        if (_view.Plain.Count > 0 || length > LiveLimit || _spent > MarkdownCost.OfLiveText)
        {
            // From this point on everything is plain until the end: what is pending is no longer looked at.
            var shown = _view.Plain.Count > 0 || _pending.Length == 0 ? _view.PlainTail : _pending;
            _pending = "";
            return AddPlain(_view.Closed, _view.Plain, shown + added, length, isComplete: false);
        }

        _pending += added;
        var closed = _view.Closed;
        var isDue = _pending.Length <= RenderedAlways || _pending.Length >= _openLength + (_openLength / 8);
        if (isDue)
        {
            var lineEnd = _pending.LastIndexOf('\n') + 1;
            if (lineEnd != _parsedLines)
            {
                closed = Close(closed, lineEnd, isComplete: false, MarkdownCost.OfLiveText);
                _parsedLines = _pending.LastIndexOf('\n') + 1;
            }

            (_open, _openLength) = (RenderOpen(), _pending.Length);
        }

        return new MarkdownView(closed, _open, [], _pending[_openLength..], length, IsComplete: false);
    }

    /// <summary>The text is complete: formats what is pending or plain so far, with its own budget.</summary>
    private MarkdownView Finish(string added, Func<int, string> slice)
    {
        var length = _view.Length + added.Length;
        if (length > FinalLimit)
        {
            var rest = _view.Plain.Count > 0 || _pending.Length == 0 ? _view.PlainTail : _pending;
            _pending = "";
            return AddPlain(_view.Closed, _view.Plain, rest + added, length, isComplete: true) with { IsPartlyPlain = true };
        }

        var budget = _spent + MarkdownCost.OfText;
        _pending = slice(_pendingStart);
        var closed = CloseAll(_view.Closed, budget);
        if (_hasDefinitions && length <= LiveLimit && !_isPartlyPlain && _spentOnClosed < 2 * MarkdownCost.OfBlock)
        {
            // Links may refer to addresses defined anywhere in the text: only now are all known.
            closed = [SafeMarkdown.Render(slice(0))];
        }

        return new MarkdownView(closed, "", [], "", length, IsComplete: true, _isPartlyPlain);
    }

    private static MarkdownView AddPlain(
        ImmutableList<string> closed,
        ImmutableList<string> plain,
        string tail,
        int length,
        bool isComplete
    )
    {
        var start = 0;
        while (tail.Length - start > PlainPiece)
        {
            var size = PlainSize(tail.AsSpan(start, PlainPiece));
            plain = plain.Add(tail.Substring(start, size));
            start += size;
        }

        return new MarkdownView(closed, "", plain, tail[start..], length, isComplete);
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

    /// <summary>Piece by piece, since finding the blocks of a long text can take more than linear time.</summary>
    private ImmutableList<string> CloseAll(ImmutableList<string> closed, TimeSpan budget)
    {
        for (var size = BlockLimit; _pending.Length > size; )
        {
            var before = _pending.Length;
            var lineEnd = _pending.AsSpan(0, size).LastIndexOf('\n') + 1;
            closed = lineEnd == 0 ? closed : Close(closed, lineEnd, isComplete: false, budget);
            size = _pending.Length == before ? size * 2 : BlockLimit;
        }

        return Close(closed, _pending.Length, isComplete: true, budget);
    }

    /// <summary>Moves finished blocks out of the pending text; at the end, all of them.</summary>
    /// <param name="length">Length of the pending text with complete lines.</param>
    /// <param name="budget">Once this is spent, blocks stay plain text.</param>
    private ImmutableList<string> Close(ImmutableList<string> closed, int length, bool isComplete, TimeSpan budget)
    {
        var blocks = Blocks(_pending[..length], budget);
        var last = isComplete ? blocks.Count : blocks.Count - 1;
        for (var i = 0; i < last; i++)
        {
            var end = i + 1 < blocks.Count ? blocks[i + 1].Start : length;
            var before = _spent;
            closed = closed.Add(RenderBlock(_pending[blocks[i].Start..end], blocks[i].Cost, budget));
            _spentOnClosed += _spent - before;
        }

        var from =
            isComplete ? length
            : last > 0 ? blocks[last].Start
            : 0;
        _pending = _pending[from..];
        _pendingStart += from;
        return closed;
    }

    /// <summary>The starts and costs of a text's top-level blocks; the first always starts at 0.</summary>
    private List<(int Start, TimeSpan Cost)> Blocks(string text, TimeSpan budget)
    {
        var cost = MarkdownCost.OfParsing(text);
        if (_spent + cost > budget || MarkdownCost.NestsTooDeep(text))
        {
            return [(0, TimeSpan.MaxValue)];
        }

        _spent += cost;
        MarkdownDocument document;
        try
        {
            document = SafeMarkdown.ParseBlocks(text);
        }
        catch (ArgumentException)
        {
            // Nests too deep: one block, shown as plain text.
            return [(0, TimeSpan.MaxValue)];
        }

        _hasDefinitions |= document.Any(block => block is LinkReferenceDefinitionGroup);
        var blocks = document
            .Where(block => block is not LinkReferenceDefinitionGroup)
            .OrderBy(block => block.Span.Start)
            .Select((block, i) => (i == 0 ? 0 : LineStart(text, block.Span.Start), MarkdownCost.Of(block, text)))
            .ToList();
        return blocks.Count > 0 ? blocks : [(0, TimeSpan.Zero)];
    }

    /// <summary>The start of the line at an offset: indentation belongs to its block.</summary>
    private static int LineStart(string text, int offset) => offset == 0 ? 0 : text.AsSpan(0, offset).LastIndexOfAny('\r', '\n') + 1;

    private string RenderOpen()
    {
        var blocks = _pending.Length is 0 or > BlockLimit ? [] : Blocks(_pending, MarkdownCost.OfLiveText);
        var cost = blocks.Aggregate(TimeSpan.Zero, (sum, block) => block.Cost == TimeSpan.MaxValue ? block.Cost : sum + block.Cost);
        var isPartlyPlain = _isPartlyPlain;
        var html = RenderBlock(_pending, cost, MarkdownCost.OfLiveText);
        // It is not closed yet: at the end it is looked at again.
        _isPartlyPlain = isPartlyPlain;
        return html;
    }

    private string RenderBlock(string text, TimeSpan cost, TimeSpan budget)
    {
        if (text.Length == 0)
        {
            return "";
        }

        if (text.Length > BlockLimit || cost > MarkdownCost.OfBlock || _spent + cost > budget)
        {
            _isPartlyPlain = true;
            return SafeMarkdown.Plain(text);
        }

        _spent += cost;
        return SafeMarkdown.Render(text);
    }
}
