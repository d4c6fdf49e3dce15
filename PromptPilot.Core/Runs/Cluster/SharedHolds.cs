using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>
/// Reservations as rows, which end with the lease of their host. Spending is summed from the logs each time, so it has no second truth.
/// Reservations are read before logs: a call that is settled in between counts twice for a moment, never not at all.
/// </summary>
public sealed class SharedHolds(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HostIdentity identity,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILogger<SharedHolds> log
) : BudgetHolds
{
    /// <summary>The statement that extends the reservations of <c>@owner</c> by <c>@seconds</c>.</summary>
    internal const string Renew = """
        UPDATE "BudgetHolds" SET "Until" = clock_timestamp() + make_interval(secs => @seconds) WHERE "Id" IN (
          SELECT "Id" FROM "BudgetHolds" WHERE "Owner" = @owner ORDER BY "Id" FOR UPDATE SKIP LOCKED)
        """;

    private const string Insert = """
        INSERT INTO "BudgetHolds" ("Id", "Owner", "ProfileId", "WorkflowId", "Amount", "Until")
        VALUES (@id, @owner, @profile, @workflow, @amount, clock_timestamp() + make_interval(secs => @seconds))
        """;

    private const string Delete = """DELETE FROM "BudgetHolds" WHERE "Id" = @id OR "Until" < now()""";

    /// <summary>
    /// One call of a budget at a time asks the database: the others of this host would only wait there for the lock, and use up the pool.
    /// </summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _lanes = new(StringComparer.Ordinal);

    internal override bool AreShared => true;

    internal override async Task<(string? Id, string? Refusal)> TryAddAsync(
        BudgetQuestion question,
        Func<Period, Spend?, Spend?, string?> refuse,
        CancellationToken cancellationToken
    )
    {
        var entered = new Stack<SemaphoreSlim>();
        try
        {
            foreach (var scope in new[] { question.WorkflowId, question.ProfileId }.OfType<string>())
            {
                var lane = _lanes.GetOrAdd(scope, static _ => new SemaphoreSlim(1, 1));
                await lane.WaitAsync(cancellationToken);
                entered.Push(lane);
            }

            return await AddAsync(question, refuse, cancellationToken);
        }
        finally
        {
            foreach (var lane in entered)
            {
                lane.Release();
            }
        }
    }

    private async Task<(string? Id, string? Refusal)> AddAsync(
        BudgetQuestion question,
        Func<Period, Spend?, Spend?, string?> refuse,
        CancellationToken cancellationToken
    )
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (workflowId, profileId) = (question.WorkflowId, question.ProfileId);
        await db.LockBudgetsAsync(workflowId, profileId, cancellationToken);
        var period = Period.Of(time.GetUtcNow().UtcDateTime);
        var ofWorkflow = workflowId is null ? null : await ReadAsync(db, workflowId, isProfile: false, period, cancellationToken);
        var ofProfile = profileId is null ? null : await ReadAsync(db, profileId, isProfile: true, period, cancellationToken);
        if (refuse(period, ofWorkflow, ofProfile) is { } refusal)
        {
            return (null, refusal);
        }

        var id = Ids.New();
        await db.ExecuteUncachedAsync(
            Insert,
            [
                ("@id", id),
                ("@owner", identity.Id),
                ("@profile", (object?)profileId ?? DBNull.Value),
                ("@workflow", (object?)workflowId ?? DBNull.Value),
                ("@amount", question.Amount),
                ("@seconds", (double)options.Value.LeaseSeconds),
            ],
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return (id, null);
    }

    internal override void Remove(string id) => _ = RemoveAsync(id);

    internal override async Task<Spend> ReadAsync(string id, bool isProfile, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, id, isProfile, Period.Of(time.GetUtcNow().UtcDateTime), cancellationToken);
    }

    private static async Task<Spend> ReadAsync(
        PromptPilotDbContext db,
        string id,
        bool isProfile,
        Period period,
        CancellationToken cancellationToken
    )
    {
        var open = await db
            .Database.SqlQuery<long>(
                $"""
                SELECT coalesce(sum("Amount"), 0)::bigint AS "Value" FROM "BudgetHolds"
                WHERE CASE WHEN {isProfile} THEN "ProfileId" ELSE "WorkflowId" END = {id} AND "Until" > now()
                """
            )
            .ToListAsync(cancellationToken);
        var (day, month) = await SpentSums.ReadAsync(db, id, isProfile, period, cancellationToken);
        var spend = new Spend { Loaded = Task.CompletedTask };
        spend.RollOver(period);
        spend.Add(period, day, month);
        spend.Open = open[0];
        return spend;
    }

    /// <summary>A reservation that stayed would take from the budget for as long as this host lives.</summary>
    private async Task RemoveAsync(string id)
    {
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause * 2 < TimeSpan.FromSeconds(10) ? pause * 2 : pause)
        {
            try
            {
                await using var db = await contexts.CreateDbContextAsync();
                await db.ExecuteUncachedAsync(Delete, [("@id", id)], CancellationToken.None);
                return;
            }
            catch (Exception exception) when (exception is not ObjectDisposedException)
            {
                log.LogWarning(exception, "A reservation could not be removed; retrying in {Seconds} s", pause.TotalSeconds);
                await Task.Delay(pause, time);
            }
            catch (ObjectDisposedException)
            {
                // The host has stopped; the reservation ends by itself.
                return;
            }
        }
    }
}
