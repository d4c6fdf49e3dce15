using System.Globalization;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>
/// Bounds the memory of request bodies that are still being received: all together, and per sender, so that one who sends many bodies
/// slowly takes nothing from others. A body that was received whole no longer counts. Thread-safe.
/// </summary>
internal sealed class BodyMemory(long most)
{
    /// <summary>A sender has this part of it.</summary>
    private const int Senders = 4;

    private const long MostOfAll = 512L * 1024 * 1024;

    private readonly long[] _bySender = new long[RateLimits.Lanes];
    private long _all;

    /// <summary>A quarter of what this process may use, at most 512 MB.</summary>
    public BodyMemory()
        : this(Math.Min(MostOfAll, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)) { }

    /// <summary>Bytes of all bodies that are being received.</summary>
    public long Used => Volatile.Read(ref _all);

    /// <summary>The share of a request.</summary>
    public Share Begin(HttpRequest request) => new(this, SenderOf(request));

    private static int SenderOf(HttpRequest request) =>
        RateLimits.LaneOf(ApiKeyAuthentication.KeyOf(request) ?? request.HttpContext.Connection.RemoteIpAddress?.ToString());

    private void Add(int sender, int bytes)
    {
        if (Interlocked.Add(ref _all, bytes) <= most & Interlocked.Add(ref _bySender[sender], bytes) <= most / Senders)
        {
            return;
        }

        Return(sender, bytes);
        throw new BadHttpRequestException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"More than {most / Senders} bytes from one sender, or {most} in total, are being received."
            ),
            StatusCodes.Status503ServiceUnavailable
        );
    }

    private void Return(int sender, long bytes)
    {
        Interlocked.Add(ref _all, -bytes);
        Interlocked.Add(ref _bySender[sender], -bytes);
    }

    /// <summary>What one request has received. Dispose it once.</summary>
    public sealed class Share(BodyMemory memory, int sender) : IDisposable
    {
        private long _bytes;

        /// <summary>Counts received bytes.</summary>
        /// <exception cref="BadHttpRequestException">Too much is being received.</exception>
        public void Add(int bytes)
        {
            memory.Add(sender, bytes);
            Interlocked.Add(ref _bytes, bytes);
        }

        public void Dispose() => memory.Return(sender, Interlocked.Exchange(ref _bytes, 0));
    }
}
