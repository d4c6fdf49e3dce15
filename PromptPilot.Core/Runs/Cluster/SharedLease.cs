using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Cluster.Calls;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>
/// The lease of a host that shares its database with others, by the database's clock. It is read with each renewal, and the time since then
/// is measured, so that changes to this host's clock have no effect. Renewals have a connection of their own: they must not wait for one
/// while all others are in use.
/// </summary>
public sealed class SharedLease(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HostIdentity identity,
    HostState state,
    OpenCalls calls,
    IOptions<RunsOptions> options,
    TimeProvider time
) : HostLease(identity), IDisposable
{
    /// <summary>One command, so that a renewal is one round trip.</summary>
    private const string Renew = $"""
        {RunClaims.Renew};
        {SharedHolds.Renew};
        {CallSlotRows.Renew};
        {Clock}
        """;

    private const string Clock = "SELECT clock_timestamp() AS \"Value\"";

    private readonly Lock _lock = new();
    private DateTime _databaseTime;
    private long _readAt;
    private long? _renewedSince;
    private DbConnection? _connection;

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
        Take((await db.Database.SqlQueryRaw<DateTime>(Clock).ToListAsync(cancellationToken))[0]);
        if (state.WasAlone && !await db.HasOtherHostAsync(cancellationToken))
        {
            await RunClaims.ReleaseOthersAsync(db, Owner, cancellationToken);
            await CallSlotRows.EndOthersAsync(db, Owner, cancellationToken);
        }
    }

    internal override async Task RenewAsync(IReadOnlyCollection<string> runIds, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = Renew;
            // It waits for no row, so it has lost its connection when it takes longer.
            command.CommandTimeout = Math.Max(1, (int)RenewEvery.TotalSeconds);
            Set(command, "owner", Owner);
            Set(command, "seconds", Duration.TotalSeconds);
            Set(command, "runs", runIds.ToArray());
            Set(command, "calls", calls.Ids);
            Take((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static void Set(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            _connection = PostgresConnection.Unpooled(db);
            await _connection.OpenAsync(cancellationToken);
        }

        return _connection;
    }

    /// <summary>Takes over the database's time, which was just read.</summary>
    private void Take(DateTime databaseTime)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var passed = time.GetElapsedTime(_readAt, now);
            // Where the database's clock was set ahead, too, every run looks lost.
            if (_renewedSince is null || passed >= Gap || (databaseTime - _databaseTime - passed).Duration() > RenewEvery)
            {
                _renewedSince = now;
            }

            (_databaseTime, _readAt) = (databaseTime, now);
        }

        state.Slots = options.Value.MaxConcurrentRuns;
    }
}
