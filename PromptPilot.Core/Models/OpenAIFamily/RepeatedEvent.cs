using System.Buffers;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// Most events of a stream differ from the previous one only in their text. Comparing the bytes around the text costs a tenth of parsing,
/// and their other content was processed with the first.
/// </summary>
internal sealed class RepeatedEvent
{
    /// <summary>Characters that end or escape a JSON string. An event with one of them in its text is parsed.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Select(i => (byte)i),
        .. "\"\\"u8,
    ]);

    private byte[] _known = [];
    private int _before;
    private int _after;

    /// <summary>Remembers an event with no content but its text.</summary>
    /// <param name="at">Position of the text, after its opening quote.</param>
    /// <param name="length">Length of the text in bytes.</param>
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

    /// <summary>Forgets the event, since a different one may have changed the state.</summary>
    public void Forget() => _before = 0;

    /// <summary>The text of an event that matches the remembered one; empty if it must be parsed.</summary>
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
