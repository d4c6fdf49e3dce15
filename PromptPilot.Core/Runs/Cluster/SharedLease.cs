using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>
/// The lease of a host that shares its database with others, by the database's clock. It is read with each renewal, and the time since then
/// is measured, so that changes to this host's clock have no effect.
/// </summary>
public sealed class SharedLease(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HostIdentity identity,
    HostState state,
    IOptions<RunsOptions> options,
    TimeProvider time
) : HostLease(identity)
{
    private readonly Lock _lock = new();
    private DateTime _databaseTime;
    private long _readAt;
    private long? _renewedSince;

    /// <summary>Lifetime of a claim without renewal.</summary>
    internal TimeSpan Duration => TimeSpan.FromSeconds(options.Value.LeaseSeconds);

    internal override TimeSpan RenewEvery => Duration / 3;

    internal override TimeSpan SweepEvery => Duration / 7.5;

    /// <summary>A longer time between two renewals means that one of them failed.</summary>
    private TimeSpan Gap => RenewEvery * 2;

    /// <summary>
    /// True when renewals have worked for as long as a claim lives. After a database outage every run looks lost, and the first
    /// host to come back must not take over runs whose hosts come back a moment later.
    /// </summary>
    internal bool MayTakeOver
    {
        get
        {
            lock (_lock)
            {
                return _renewedSince is { } since && time.GetElapsedTime(since) >= Duration && time.GetElapsedTime(_readAt) < Gap;
            }
        }
    }

    internal override DateTime Until()
    {
        lock (_lock)
        {
            return _databaseTime + time.GetElapsedTime(_readAt) + Duration;
        }
    }

    internal override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.EnsureTablesAsync(cancellationToken);
        await ReadClockAsync(db, cancellationToken);
        if (state.WasAlone && !await db.HasOtherHostAsync(cancellationToken))
        {
            await RunClaims.ReleaseOthersAsync(db, Owner, cancellationToken);
        }
    }

    internal override async Task RenewAsync(IReadOnlyCollection<string> runIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (runIds.Count > 0)
        {
            await RunClaims.RenewAsync(db, [.. runIds], Owner, Duration.TotalSeconds, cancellationToken);
        }

        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE "BudgetHolds" SET "Until" = clock_timestamp() + make_interval(secs => {Duration.TotalSeconds}) WHERE "Id" IN (
              SELECT "Id" FROM "BudgetHolds" WHERE "Owner" = {Owner} ORDER BY "Id" FOR UPDATE SKIP LOCKED)
            """,
            cancellationToken
        );
        await ReadClockAsync(db, cancellationToken);
    }

    private async Task ReadClockAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var read = await db.Database.SqlQueryRaw<DateTime>("SELECT clock_timestamp() AS \"Value\"").ToListAsync(cancellationToken);
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var passed = time.GetElapsedTime(_readAt, now);
            // Where the database's clock was set ahead, too, every run looks lost.
            if (_renewedSince is null || passed >= Gap || (read[0] - _databaseTime - passed).Duration() > RenewEvery)
            {
                _renewedSince = now;
            }

            (_databaseTime, _readAt) = (read[0], now);
        }
    }
}
