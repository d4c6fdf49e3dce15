using System.Text;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// The text of one attempt while it arrives: append-only, shared by all viewers, who each keep only an offset. So a viewer costs nothing
/// while it does not look, and a slow one can miss nothing.
/// Offsets count UTF-16 code units.
/// </summary>
public sealed class LiveText
{
    private readonly StringBuilder _text = new();
    private string? _whole;

    /// <summary>How much has arrived.</summary>
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

    /// <summary>What has arrived from an offset on, at most so much of it.</summary>
    public string Slice(int from, int most = int.MaxValue)
    {
        lock (_text)
        {
            return from >= _text.Length ? "" : _text.ToString(from, Math.Min(most, _text.Length - from));
        }
    }

    /// <summary>All that has arrived.</summary>
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

    internal void Complete()
    {
        lock (_text)
        {
            IsComplete = true;
        }
    }
}
