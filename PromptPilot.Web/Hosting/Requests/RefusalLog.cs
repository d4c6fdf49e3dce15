namespace PromptPilot.Web.Hosting.Requests;

/// <summary>
/// Writes down forms that were refused: a warning per address in ten minutes, so that no sender can flood the log.
/// </summary>
internal sealed class RefusalLog(ILogger<RefusalLog> log, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    /// <summary>When something was last written, for a fixed number of addresses; 0 for never.</summary>
    private readonly long[] _last = new long[256];

    public void Note(HttpContext http, string reason)
    {
        var address = http.Connection.RemoteIpAddress?.ToString();
        var lane = RateLimits.LaneOf(address) % _last.Length;
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref _last[lane]));
        if (last != 0 && time.GetElapsedTime(last, now) < Quiet)
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _last[lane], now, last) == last)
        {
            // The path as sent, since a decoded one could start a new line in the log.
            log.LogWarning(
                "{Method} {Path} from {Address} was refused: {Reason}. Further refusals from this address are not logged for 10 minutes",
                http.Request.Method,
                http.Request.Path.ToUriComponent(),
                address,
                reason
            );
        }
    }
}
