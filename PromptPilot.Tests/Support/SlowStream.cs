namespace PromptPilot.Tests.Support;

/// <summary>Reads from another stream no faster than a slow line would bring it. Only asynchronous reading.</summary>
internal sealed class SlowStream(Stream inner, int bytesPerSecond) : Stream
{
    private const int TicksPerSecond = 10;

    private readonly PeriodicTimer _timer = new(TimeSpan.FromSeconds(1.0 / TicksPerSecond));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _timer.WaitForNextTickAsync(cancellationToken);
        return await inner.ReadAsync(buffer[..Math.Min(buffer.Length, bytesPerSecond / TicksPerSecond)], cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        _timer.Dispose();
        inner.Dispose();
        base.Dispose(disposing);
    }
}
