using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Models.Faults;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// The text that has arrived and was not taken yet, in a pooled buffer. Characters that a server splits over two events, as bytes or as
/// escaped halves of a surrogate pair, are put together again; half a character that stays alone is a fault.
/// </summary>
internal sealed class AnswerText : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Decoder _decoder = Utf8.GetDecoder();
    private char[] _chars = ArrayPool<char>.Shared.Rent(1024);
    private int _length;
    private bool _mayBeInside;

    /// <summary>Length of the available text in UTF-16 code units.</summary>
    public int Length => _length > 0 && char.IsHighSurrogate(_chars[_length - 1]) ? _length - 1 : _length;

    /// <summary>True once any text has arrived.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Adds the contents of a JSON string.</summary>
    /// <exception cref="ModelFaultException">The string has an incomplete character.</exception>
    public void Append(ref Utf8JsonReader json)
    {
        var raw = json.ValueSpan;
        while (json.ValueIsEscaped && raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            AppendBytes(raw[..at]);
            raw = raw[(at + 1)..];
            AppendUnit(Unescape(ref raw));
        }

        AppendBytes(raw);
    }

    /// <summary>Adds text that needs no unescaping.</summary>
    /// <exception cref="ModelFaultException">The text does not complete a character split across events.</exception>
    public void Append(ReadOnlySpan<byte> text) => AppendBytes(text);

    public string Take()
    {
        var length = Length;
        var text = length == 0 ? "" : new string(_chars, 0, length);
        _chars.AsSpan(length, _length - length).CopyTo(_chars);
        _length -= length;
        return text;
    }

    /// <summary>The rest of a character is still awaited.</summary>
    public bool HasHalfCharacter => _length > Length || (_mayBeInside && !CanCloseBytes());

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        _chars = [];
    }

    private static char Unescape(ref ReadOnlySpan<byte> raw)
    {
        var kind = raw[0];
        if (kind == (byte)'u')
        {
            var unit = ushort.Parse(raw.Slice(1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            raw = raw[5..];
            return (char)unit;
        }

        raw = raw[1..];
        return kind switch
        {
            (byte)'n' => '\n',
            (byte)'t' => '\t',
            (byte)'r' => '\r',
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            _ => (char)kind,
        };
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        CheckPair(isLow: false);
        Reserve(bytes.Length + 1);
        try
        {
            _length += _decoder.GetChars(bytes, _chars.AsSpan(_length), flush: false);
        }
        catch (DecoderFallbackException)
        {
            throw HalfCharacter();
        }

        _mayBeInside = bytes[^1] >= 0x80;
        HasBegun = true;
    }

    /// <summary>An incomplete character may only be followed by its remaining bytes.</summary>
    private bool CanCloseBytes()
    {
        try
        {
            _decoder.GetChars([], _chars.AsSpan(_length), flush: true);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private void AppendUnit(char unit)
    {
        if (_mayBeInside && !CanCloseBytes())
        {
            throw HalfCharacter();
        }

        _mayBeInside = false;
        CheckPair(char.IsLowSurrogate(unit));
        Reserve(1);
        _chars[_length++] = unit;
        HasBegun = true;
    }

    /// <summary>The first half of a pair wants the second one next, and a second half wants a first one before it.</summary>
    private void CheckPair(bool isLow)
    {
        if ((_length > 0 && char.IsHighSurrogate(_chars[_length - 1])) != isLow)
        {
            throw HalfCharacter();
        }
    }

    private void Reserve(int more)
    {
        if (_length + more <= _chars.Length)
        {
            return;
        }

        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_length + more, _chars.Length * 2));
        _chars.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_chars);
        _chars = larger;
    }

    private static ModelFaultException HalfCharacter() => new(ModelFaults.HalfCharacter);
}
