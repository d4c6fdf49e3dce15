using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Keeps senders that never finish their request from holding up a stop: Kestrel waits for each open connection as long as the host has
/// patience. What was sent whole is worked on to its end.
/// </summary>
internal sealed class UnsentRequests : IDisposable
{
    /// <summary>The time that a sender gets to finish its request after a stop was requested.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<ConnectionContext, Work> _connections = [];

    private readonly Timer _timer;

    public UnsentRequests(IHostApplicationLifetime lifetime)
    {
        _timer = new Timer(_ => AbortIdle());
        lifetime.ApplicationStopping.Register(() => _timer.Change(Grace, TimeSpan.FromSeconds(1)));
    }

    /// <summary>Watches every connection.</summary>
    public static void Watch(KestrelServerOptions kestrel) =>
        kestrel.ConfigureEndpointDefaults(endpoint =>
            endpoint.Use(
                (connection, next) => kestrel.ApplicationServices.GetRequiredService<UnsentRequests>().FollowAsync(connection, next)
            )
        );

    /// <summary>Records if each request has arrived completely, and counts what is on its way. Runs before anything reads bodies.</summary>
    public static void Use(WebApplication app)
    {
        var memory = app.Services.GetRequiredService<BodyMemory>();
        app.Use(
            async (http, next) =>
            {
                if (http.Features.Get<Work>() is not { } work)
                {
                    await next(http);
                    return;
                }

                using var whole = new WholeRequest(work);
                using var share = memory.Begin(http.Request);
                if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
                {
                    http.Request.Body = new WatchedBody(http.Request.Body, http.Request.ContentLength, share, whole.Begin);
                }
                else
                {
                    whole.Begin();
                }

                await next(http);
            }
        );
    }

    public void Dispose() => _timer.Dispose();

    private async Task FollowAsync(ConnectionContext connection, Func<Task> next)
    {
        var work = new Work();
        connection.Features.Set(work);
        _connections[connection] = work;
        try
        {
            await next();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private void AbortIdle()
    {
        foreach (var (connection, work) in _connections)
        {
            if (work.IsIdle)
            {
                connection.Abort(new ConnectionAbortedException("The portal is stopping, and this request was not received in full."));
            }
        }
    }

    /// <summary>The requests of one connection that are here as a whole and not answered yet.</summary>
    private sealed class Work
    {
        private int _count;

        public bool IsIdle => Volatile.Read(ref _count) == 0;

        public void Add(int count) => Interlocked.Add(ref _count, count);
    }

    private sealed class WholeRequest(Work work) : IDisposable
    {
        private int _isBegun;

        public void Begin() => work.Add(Interlocked.Exchange(ref _isBegun, 1) == 0 ? 1 : 0);

        public void Dispose() => work.Add(Interlocked.Exchange(ref _isBegun, 0) == 1 ? -1 : 0);
    }

    /// <summary>Counts what was read of a body, and signals when its last byte was.</summary>
    /// <param name="length">The announced length; null if only the end of the body shows it.</param>
    private sealed class WatchedBody(Stream inner, long? length, BodyMemory.Share share, Action onEnd) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Note(await inner.ReadAsync(buffer, cancellationToken), buffer.Length);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Note(inner.Read(buffer, offset, count), count);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Note(int count, int asked)
        {
            _read += count;
            if ((count == 0 && asked > 0) || _read == length)
            {
                share.Dispose();
                onEnd();
            }
            else
            {
                share.Add(count);
            }

            return count;
        }
    }
}
