using System.Globalization;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// Renews the lease of this host together with what admins see about it, and measures its clock and the lag of its notifications against
/// the database's clock. Only the session's loop uses it.
/// </summary>
public sealed class HostReporter(
    HostSession session,
    HostIdentity identity,
    HostState state,
    Duties duties,
    ClusterOptions options,
    TimeProvider time
)
{
    internal const string Channel = "pp_beat";

    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);

    /// <summary>A measured lag is dropped after this time: no other host is there any more.</summary>
    private static readonly TimeSpan KeepLag = TimeSpan.FromSeconds(15);

    private readonly Every _beat = new(BeatEvery, time);
    private TimeSpan? _roundTrip;
    private TimeSpan? _ahead;
    private int? _lag;
    private long _heardAt;

    /// <summary>Records why the session cannot work; null when it works again.</summary>
    internal void Tell(string? problem) => state.Problem = problem;

    /// <summary>Renews the lease.</summary>
    internal async Task RenewAsync(CancellationToken cancellationToken)
    {
        var sent = time.GetTimestamp();
        if (await session.RenewAsync(Report(), cancellationToken) is { } databaseTime)
        {
            var took = time.GetElapsedTime(sent);
            _roundTrip = took;
            // The database read its clock about halfway.
            _ahead = time.GetUtcNow().UtcDateTime - (took / 2) - databaseTime;
        }

        if (options.HasSeveralHosts && _beat.IsDue())
        {
            await session.ExecuteAsync(HostTable.Beat, cancellationToken);
        }
    }

    /// <summary>Another host has told its time of the database.</summary>
    internal void Heard(string? payload)
    {
        // The id can contain spaces.
        if (
            payload?.LastIndexOf(' ') is { } end and > 0
            && payload[..end] != identity.Id
            && long.TryParse(payload[(end + 1)..], CultureInfo.InvariantCulture, out var sent)
            && _ahead is { } ahead
        )
        {
            var now = time.GetUtcNow() - ahead;
            _lag = (int)Math.Max(0, now.ToUnixTimeMilliseconds() - sent);
            _heardAt = time.GetTimestamp();
        }
    }

    private HostReport Report() =>
        new(
            Milliseconds(_roundTrip),
            Milliseconds(_ahead),
            time.GetElapsedTime(_heardAt) < KeepLag ? _lag : null,
            state.Redis,
            state.Slots,
            state.NotReady,
            Names()
        );

    private static int? Milliseconds(TimeSpan? span) =>
        span is { } known ? (int)Math.Clamp(known.TotalMilliseconds, int.MinValue, int.MaxValue) : null;

    private string? Names()
    {
        var mine = Enum.GetValues<DutyName>().Where(name => duties[name].IsMine).ToList();
        return mine.Count == 0 ? null
            : mine.Count == duties.All.Count ? "all"
            : string.Join(", ", mine).ToLowerInvariant();
    }
}
