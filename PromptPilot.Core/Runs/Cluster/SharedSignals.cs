using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>
/// Sends requests as rows. The host that executes the run deletes a row in the commit that applies it. If that host dies, the row remains
/// and the next host applies it.
/// </summary>
public sealed class SharedSignals(IDbContextFactory<PromptPilotDbContext> contexts, HostIdentity identity, TimeProvider time) : RunSignals
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Longer than another host needs to take over the runs of a host that died.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private const string Elsewhere = """
        SELECT 1 FROM "WorkflowRuns" r WHERE r."Id" = {0} AND r."Status" = 'Running' AND r."LeaseOwner" <> {1} AND r."LeaseUntil" > now()
        """;

    private const string Insert = $$"""
        INSERT INTO "RunSignals" ("RunId", "Body") SELECT {0}, {2} WHERE EXISTS ({{Elsewhere}}) RETURNING "Id" AS "Value"
        """;

    private const string Look = $$"""
        SELECT "IsLate", EXISTS ({{Elsewhere}}) AS "IsElsewhere" FROM "RunSignals" WHERE "Id" = {2}
        """;

    private sealed record SignalState(bool IsLate, bool IsElsewhere);

    internal override async Task<SignalOutcome> SendAsync(string runId, RunMessage.Request request, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var inserted = await db
            .Database.SqlQueryRaw<long>(Insert, runId, identity.Id, SignalBody.Write(request))
            .ToListAsync(cancellationToken);
        if (inserted.Count == 0)
        {
            return SignalOutcome.NotElsewhere;
        }

        var id = inserted[0];
        try
        {
            return await WaitAsync(db, runId, id, cancellationToken) || !await WithdrawAsync(id)
                ? SignalOutcome.Committed
                : SignalOutcome.LookAgain;
        }
        catch (OperationCanceledException)
        {
            await WithdrawAsync(id);
            throw;
        }
    }

    /// <returns>True when the row is gone, which happens in the commit that applies it.</returns>
    private async Task<bool> WaitAsync(PromptPilotDbContext db, string runId, long id, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var pause = FirstLook;
        while (time.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            var seen = await db.Database.SqlQueryRaw<SignalState>(Look, runId, identity.Id, id).ToListAsync(cancellationToken);
            if (seen.Count == 0)
            {
                return true;
            }

            if (seen[0].IsLate || !seen[0].IsElsewhere)
            {
                return false;
            }
        }

        return false;
    }

    /// <returns>False when the row is gone already.</returns>
    private async Task<bool> WithdrawAsync(long id)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return await db.ExecuteUncachedAsync("""DELETE FROM "RunSignals" WHERE "Id" = @id""", [("@id", id)], CancellationToken.None) > 0;
    }
}
