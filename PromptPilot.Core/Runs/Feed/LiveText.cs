using System.Text;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// The text of one attempt while it arrives: append-only, shared by all viewers, who each keep only an offset. So a viewer costs nothing
/// between reads, and a slow one can miss nothing.
/// Offsets count UTF-16 code units.
/// </summary>
public sealed class LiveText
{
    private readonly StringBuilder _text = new();
    private string? _whole;

    /// <summary>Length of the text so far.</summary>
    public int Length
    {
        get
        {
            lock (_text)
            {
                return _text.Length;
            }
        }
    }

    /// <summary>Nothing more will come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The text from an offset on, up to a maximum length.</summary>
    public string Slice(int from, int most = int.MaxValue)
    {
        lock (_text)
        {
            return from >= _text.Length ? "" : _text.ToString(from, Math.Min(most, _text.Length - from));
        }
    }

    /// <summary>The text so far.</summary>
    public override string ToString()
    {
        lock (_text)
        {
            return IsComplete ? _whole ??= _text.ToString() : _text.ToString();
        }
    }

    internal void Append(string text)
    {
        lock (_text)
        {
            _text.Append(text);
        }
    }

    /// <summary>Adds the part of a text that is not there yet.</summary>
    /// <param name="offset">Where the text begins.</param>
    /// <returns>False when something before it is missing.</returns>
    internal bool TryAppend(int offset, string text)
    {
        lock (_text)
        {
            if (offset > _text.Length)
            {
                return false;
            }

            if (!IsComplete && offset + text.Length > _text.Length)
            {
                _text.Append(text.AsSpan(_text.Length - offset));
            }

            return true;
        }
    }

    internal void Complete()
    {
        lock (_text)
        {
            IsComplete = true;
        }
    }
}
