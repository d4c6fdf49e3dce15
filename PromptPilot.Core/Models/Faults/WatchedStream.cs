using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PromptPilot.Core.Models.Faults;

/// <summary>
/// Passes a model's event stream through and looks for an error event in it, which the OpenAI client would skip in silence. Without one a
/// read costs a vectorized search over its bytes.
/// A JSON text never contains <c>"error"</c> with both quotes bare, so what the model writes cannot look like the marker.
/// </summary>
internal sealed class WatchedStream(Stream inner, string? apiKey) : Stream
{
    private const int MaxLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _openLine = new(256);
    private readonly FiniteNumbers _numbers = new();
    private bool _inErrorEvent;
    private ModelFault? _fault;

    private static ReadOnlySpan<byte> ErrorMarker => "\"error\""u8;

    private static ReadOnlySpan<byte> EventField => "event:"u8;

    private static ReadOnlySpan<byte> DataField => "data:"u8;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_fault is null)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            _numbers.Replace(buffer.Span[..count]);
            var good = Watch(buffer.Span[..count]);
            if (good > 0 || _fault is null)
            {
                return good;
            }
        }

        throw new ModelFaultException(_fault);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The number of bytes before an error event; all of them if there is none.</summary>
    private int Watch(ReadOnlySpan<byte> read)
    {
        if (read.IsEmpty)
        {
            // The end closes the last line too.
            Inspect(_openLine.WrittenSpan);
            return 0;
        }

        if (_openLine.WrittenCount == 0 && !_inErrorEvent && read.IndexOf(ErrorMarker) < 0 && read.IndexOf(EventField) < 0)
        {
            Keep(read[(read.LastIndexOf((byte)'\n') + 1)..]);
            return read.Length;
        }

        return WatchLines(read);
    }

    private int WatchLines(ReadOnlySpan<byte> read)
    {
        var start = 0;
        for (int length; (length = read[start..].IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            var line = read.Slice(start, length);
            if (_openLine.WrittenCount > 0)
            {
                Keep(line);
                line = _openLine.WrittenSpan;
            }

            var isError = Inspect(line);
            _openLine.ResetWrittenCount();
            if (isError)
            {
                return start;
            }
        }

        Keep(read[start..]);
        return read.Length;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (_openLine.WrittenCount + part.Length <= MaxLine)
        {
            _openLine.Write(part);
        }
    }

    private bool Inspect(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        if (line.IsEmpty)
        {
            _inErrorEvent = false;
            return false;
        }

        if (line.StartsWith(EventField))
        {
            _inErrorEvent = line[EventField.Length..].Trim((byte)' ').SequenceEqual("error"u8);
            return false;
        }

        var isData = line.StartsWith(DataField);
        var data = isData ? line[DataField.Length..] : line;
        if (!(isData && _inErrorEvent) && (data.IndexOf(ErrorMarker) < 0 || !data.TrimStart((byte)' ').StartsWith("{"u8)))
        {
            return false;
        }

        _fault = FaultOf(data.ToArray());
        return _fault is not null;
    }

    private ModelFault? FaultOf(byte[] data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            var root = json.RootElement;
            return _inErrorEvent || IsError(root) ? ModelFaults.OfErrorEvent(ProviderMessage.Read(root, apiKey)) : null;
        }
        catch (JsonException)
        {
            return _inErrorEvent ? ModelFaults.OfErrorEvent(ProviderMessage.Parse(data, apiKey)) : null;
        }
    }

    private static bool IsError(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && (
            (root.TryGetProperty("error", out var error) && error.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            || (root.TryGetProperty("object", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("error"))
            || (root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("error"))
        );
}
