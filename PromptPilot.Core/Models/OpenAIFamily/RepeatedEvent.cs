using System.Buffers;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// Most events of a stream differ from the one before in their text alone. Comparing the bytes around the text costs a tenth of parsing
/// them again, and what they say was acted on already.
/// </summary>
internal sealed class RepeatedEvent
{
    /// <summary>What ends or changes a JSON string: then the event is parsed.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Select(i => (byte)i),
        .. "\"\\"u8,
    ]);

    private byte[] _known = [];
    private int _before;
    private int _after;

    /// <summary>Keeps an event that said nothing but its text.</summary>
    /// <param name="at">Where the text begins, behind its quote.</param>
    /// <param name="length">Of the text, in bytes.</param>
    public void Learn(ReadOnlySpan<byte> data, int at, int length)
    {
        (_before, _after) = (at, data.Length - at - length);
        if (_known.Length < _before + _after)
        {
            _known = new byte[_before + _after];
        }

        data[..at].CopyTo(_known);
        data[(at + length)..].CopyTo(_known.AsSpan(_before));
    }

    /// <summary>Another event came: it may have changed what the known one said.</summary>
    public void Forget() => _before = 0;

    /// <summary>The text of an event that is like the known one; empty when it has to be parsed.</summary>
    public ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> data)
    {
        if (
            _before == 0
            || data.Length <= _before + _after
            || !data.StartsWith(_known.AsSpan(0, _before))
            || !data.EndsWith(_known.AsSpan(_before, _after))
        )
        {
            return [];
        }

        var text = data[_before..^_after];
        return text.ContainsAny(Special) ? [] : text;
    }
}
