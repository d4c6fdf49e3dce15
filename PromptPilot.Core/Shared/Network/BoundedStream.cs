using System.Buffers;
using System.Runtime.CompilerServices;

namespace PromptPilot.Core.Shared.Network;

/// <summary>Limits for reading external data, in bytes as they arrive.</summary>
/// <param name="Total">The most bytes in total.</param>
/// <param name="Line">The most bytes of a line.</param>
/// <param name="Event">The most bytes between two empty lines, as in server-sent events.</param>
internal sealed record ReadBounds(long Total, long Line = long.MaxValue, long Event = long.MaxValue);

/// <summary>The data exceeds its limits.</summary>
/// <param name="what">The thing that is too long, e.g. “a line of more than 1 MB”.</param>
internal sealed class TooLongException(string what) : IOException($"Received {what}, which exceeds the limit.")
{
    public string What { get; } = what;
}

/// <summary>
/// Passes a stream through until what is read of it breaks its bounds. A reader above it that waits for the end of a line, an event or the
/// whole then never holds more than that. Reads in large pieces, however small those are that are asked for.
/// </summary>
/// <param name="end">Given once more at the end, e.g. the empty line that closes the last event.</param>
internal sealed class BoundedStream(Stream inner, ReadBounds bounds, ReadOnlyMemory<byte> end = default) : Stream
{
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private const int BufferSize = 16 * 1024;

    /// <summary>Bytes that may come before the first significant one: white space and a byte order mark.</summary>
    private static ReadOnlySpan<byte> Leading => " \t\r\n\uFEFF"u8;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private readonly bool _hasLines = bounds.Line != long.MaxValue;
    private ReadOnlyMemory<byte> _end = end;
    private ReadOnlyMemory<byte> _kept;
    private bool _isReading;
    private bool _isReturned;
    private long _total;
    private long _line;
    private long _event;
    private bool _afterReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isReturned, this);
        if (_kept.IsEmpty)
        {
            _isReading = true;
            var count = await inner.ReadAsync(_buffer, cancellationToken);
            _isReading = false;
            Count(_buffer.AsSpan(0, count));
            _kept = _buffer.AsMemory(0, count);
        }

        var given = Math.Min(buffer.Length, _kept.Length);
        _kept.Span[..given].CopyTo(buffer.Span);
        _kept = _kept[given..];
        return given == 0 ? End(buffer.Span) : given;
    }

    /// <summary>Waits for the first byte that is neither a blank nor part of a byte order mark. Those before it are dropped.</summary>
    /// <returns>The byte, which is still to be read; null: nothing came until the end.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (await ReadAsync(Memory<byte>.Empty, cancellationToken) == 0 && _kept.IsEmpty)
            {
                return null;
            }

            _kept = _kept.TrimStart(Leading);
        } while (_kept.IsEmpty);

        return _kept.Span[0];
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (!_kept.IsEmpty)
        {
            var given = Math.Min(buffer.Length, _kept.Length);
            _kept.Span[..given].CopyTo(buffer);
            _kept = _kept[given..];
            return given;
        }

        var count = inner.Read(buffer);
        Count(buffer[..count]);
        return count == 0 ? End(buffer) : count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private void Return()
    {
        // A read under way may still write into it; then the garbage collector has it.
        if (!_isReturned && !_isReading)
        {
            _isReturned = true;
            _kept = default;
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Return();
        }

        base.Dispose(disposing);
    }

    private int End(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end.Length);
        _end.Span[..count].CopyTo(buffer);
        _end = _end[count..];
        return count;
    }

    private void Count(ReadOnlySpan<byte> read)
    {
        _total += read.Length;
        Check(_total, bounds.Total, "a text");
        if (!_hasLines)
        {
            return;
        }

        while (!read.IsEmpty)
        {
            var end = read.IndexOfAny(LineEnds);
            var part = end < 0 ? read.Length : end;
            if (part > 0)
            {
                _afterReturn = false;
                _line += part;
                _event += part;
                Check(_line, bounds.Line, "a line");
                Check(_event, bounds.Event, "an event");
            }

            if (end < 0)
            {
                return;
            }

            EndLine(read[end]);
            read = read[(end + 1)..];
        }
    }

    private void EndLine(byte end)
    {
        if (end == '\n' && _afterReturn)
        {
            // The second half of CRLF.
            _afterReturn = false;
            return;
        }

        _event = _line == 0 ? 0 : _event;
        _line = 0;
        _afterReturn = end == '\r';
    }

    private static void Check(long count, long bound, string what)
    {
        if (count > bound)
        {
            throw new TooLongException($"{what} of more than {Size(bound)}");
        }
    }

    private static string Size(long bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MB" : $"{bytes >> 10} KB";
}
