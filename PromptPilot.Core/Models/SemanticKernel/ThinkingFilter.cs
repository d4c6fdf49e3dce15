using System.Text;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// Takes the thinking off the beginning of an answer while it streams, however it is split into pieces. Holds back only what may still
/// become a mark.
/// </summary>
internal sealed class ThinkingFilter
{
    /// <summary>Nothing thinks behind more blanks than this.</summary>
    private const int MaxHeld = 1_000;

    private readonly StringBuilder _held = new();
    private readonly StringBuilder _thoughts = new();
    private string? _close;
    private bool _isAnswer;

    /// <summary>The number of UTF-16 code units that were removed.</summary>
    public long Hidden { get; private set; }

    /// <summary>The visible part of a further piece.</summary>
    public string Add(string piece)
    {
        if (_isAnswer || piece.Length == 0)
        {
            return piece;
        }

        _held.Append(piece);
        var text = _held.ToString();
        while (true)
        {
            if (_close is not null)
            {
                var end = text.IndexOf(_close, StringComparison.OrdinalIgnoreCase);
                if (end < 0)
                {
                    // Only the end can still be the beginning of the closing mark.
                    var kept = Math.Max(0, text.Length - _close.Length + 1);
                    Note(text.AsSpan(0, kept));
                    return Hold(text, kept);
                }

                Note(text.AsSpan(0, end));
                Hidden += end + _close.Length;
                text = text[(end + _close.Length)..];
                _close = null;
            }

            var start = text.AsSpan().TrimStart();
            if (Thinking.OpeningOf(start) is { } mark)
            {
                var length = text.Length - start.Length + mark.Open.Length;
                Hidden += length;
                text = text[length..];
                _close = mark.Close;
            }
            else if ((start.IsEmpty || Thinking.MayBecomeOpening(start)) && text.Length < MaxHeld)
            {
                return Hold(text, 0);
            }
            else
            {
                _isAnswer = true;
                _held.Clear();

                // Blanks between the thinking and the answer belong to neither.
                return Hidden > 0 ? start.ToString() : text;
            }
        }
    }

    /// <summary>The answer is over: what was held back after all. Of thinking that never ended, nothing.</summary>
    public string Complete()
    {
        if (_close is not null)
        {
            Note(_held.ToString());
            Hidden += _held.Length;
            _held.Clear();
        }

        var rest = _held.ToString();
        _held.Clear();
        _isAnswer = true;
        return rest;
    }

    /// <summary>
    /// The whole answer without thinking that only its end gave away, since the server kept the opening mark to itself. What streamed of it
    /// was seen; what is stored and passed on is the answer.
    /// </summary>
    public void RemoveUnopened(StringBuilder answer)
    {
        var text = Hidden == 0 ? answer.ToString() : "";
        if (Thinking.UnopenedLength(text) is > 0 and var length)
        {
            Hidden = length;
            Note(text.AsSpan(0, length - Thinking.Marks[0].Close.Length));
            answer.Clear().Append(text.AsSpan(length).TrimStart());
        }
    }

    /// <summary>The removed thinking, without its tags.</summary>
    public string TakeText()
    {
        var text = _thoughts.ToString().Trim();
        _thoughts.Clear();
        return text;
    }

    private void Note(ReadOnlySpan<char> text) =>
        _thoughts.Append(text[..Math.Min(text.Length, Math.Max(0, ModelReply.MaxThinking - _thoughts.Length))]);

    private string Hold(string text, int from)
    {
        Hidden += from;
        _held.Clear().Append(text, from, text.Length - from);
        return "";
    }
}
