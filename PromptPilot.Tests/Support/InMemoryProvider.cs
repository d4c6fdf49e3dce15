using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.SemanticKernel;

namespace PromptPilot.Tests.Support;

/// <summary>
/// A provider without a network: what it answers goes through the whole gateway, kernel and client as from a server, piece by piece.
/// </summary>
internal sealed class InMemoryProvider : HttpMessageHandler
{
    /// <summary>Planted as the key of every profile.</summary>
    public const string Key = "sk-canary-0123456789abcdef";

    private readonly ModelGateway _gateway;
    private readonly string _storedKey;

    public InMemoryProvider()
    {
        var keys = new ModelKeys(new EphemeralDataProtectionProvider());
        _storedKey = keys.Encrypt(Key);
        var clients = new ProviderClients(new ModelConnections(this), keys, TimeProvider.System);
        _gateway = new ModelGateway(
            null!,
            new KernelFactory(clients, null!, []),
            null!,
            new ConfigurationBuilder().Build(),
            TimeProvider.System
        );
    }

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public string ContentType { get; set; } = "text/event-stream";

    /// <summary>As the header names it, e.g. <c>gzip</c>; null: none.</summary>
    public string? Encoding { get; set; }

    /// <summary>The connection is left open behind the last piece.</summary>
    public bool StaysOpen { get; set; }

    /// <summary>One read of the network each.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces { get; set; } = [];

    /// <summary>
    /// Everything is there at once: the whole call then stays on the thread that makes it, whose allocations can be measured.
    /// </summary>
    public bool IsInstant { get; set; }

    /// <summary>Bytes that were read of the answer.</summary>
    public long Read { get; private set; }

    public int Calls { get; private set; }

    /// <summary>A profile of this provider.</summary>
    public ModelProfile Profile(string provider = Providers.OpenAICompatible) =>
        new()
        {
            Name = "In memory",
            NormalizedName = "IN MEMORY",
            Provider = provider,
            Endpoint = "https://provider.test/v1",
            Model = "asked-for",
            ApiKey = _storedKey,
        };

    public Task<ModelReply> CallAsync(ModelProfile profile, Action<string>? onText = null) =>
        _gateway.CallAsync(
            profile,
            new ModelRequest("", "summary", "Be brief.", "Say hello."),
            onText ?? (static _ => { }),
            TestContext.Current.CancellationToken
        );

    /// <summary>A text in pieces of so many bytes.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text, int size)
    {
        for (var at = 0; at < text.Length; at += size)
        {
            yield return text.Slice(at, Math.Min(size, text.Length - at));
        }
    }

    public static IEnumerable<ReadOnlyMemory<byte>> Split(string text, int size) => Split(System.Text.Encoding.UTF8.GetBytes(text), size);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Calls++;
        var content = new StreamContent(new Pipe(this, Pieces.GetEnumerator()));
        if (ContentType.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        if (Encoding is not null)
        {
            content.Headers.ContentEncoding.Add(Encoding);
        }

        return Task.FromResult(new HttpResponseMessage(Status) { Content = content, RequestMessage = request });
    }

    /// <summary>Gives a piece a read.</summary>
    private sealed class Pipe(InMemoryProvider provider, IEnumerator<ReadOnlyMemory<byte>> pieces) : Stream
    {
        private ReadOnlyMemory<byte> _piece;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!provider.IsInstant)
            {
                await Task.Yield();
            }

            cancellationToken.ThrowIfCancellationRequested();
            while (_piece.IsEmpty)
            {
                if (!pieces.MoveNext())
                {
                    if (provider.StaysOpen)
                    {
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                    }

                    return 0;
                }

                _piece = pieces.Current;
            }

            var count = Math.Min(_piece.Length, buffer.Length);
            _piece[..count].CopyTo(buffer);
            _piece = _piece[count..];
            provider.Read += count;
            return count;
        }
    }
}
