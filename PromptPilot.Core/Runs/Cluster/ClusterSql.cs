using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Cluster.Calls;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>What the engine asks PostgreSQL about other hosts.</summary>
internal static class ClusterSql
{
    /// <summary>
    /// EF does not know these tables, and SQLite does not have them. Hosts that start at the same moment create them one after the other.
    /// </summary>
    private const string Create = $"""
        SELECT pg_advisory_xact_lock({PostgresLocks.Class}, 4);
        CREATE TABLE IF NOT EXISTS "RunSignals" (
            "Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            "RunId" text COLLATE "C" NOT NULL REFERENCES "WorkflowRuns" ("Id") ON DELETE CASCADE,
            "Body" text NOT NULL,
            "IsLate" boolean NOT NULL DEFAULT false,
            "At" timestamptz NOT NULL DEFAULT now());
        CREATE INDEX IF NOT EXISTS "IX_RunSignals_RunId" ON "RunSignals" ("RunId");
        CREATE TABLE IF NOT EXISTS "BudgetHolds" (
            "Id" text COLLATE "C" PRIMARY KEY,
            "Owner" text COLLATE "C" NOT NULL,
            "ProfileId" text COLLATE "C",
            "WorkflowId" text COLLATE "C",
            "Amount" bigint NOT NULL,
            "Until" timestamptz NOT NULL);
        {CallSlotRows.Create}
        """;

    private const string Lock = "SELECT pg_advisory_xact_lock(@class, hashtext(@id))";

    public static async Task EnsureTablesAsync(this PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync(Create, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>One host at a time decides which runs start, for the transaction that has just begun.</summary>
    public static Task LockAdmissionAsync(this PromptPilotDbContext db) =>
        db.ExecuteUncachedAsync(PostgresLocks.BeginAdmission, CancellationToken.None);

    /// <summary>Whether another host is connected, beside this one.</summary>
    public static async Task<bool> HasOtherHostAsync(this PromptPilotDbContext db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<bool>(PostgresLocks.HasSeveralHosts).ToListAsync(cancellationToken))[0];

    /// <summary>One host at a time decides about calls of a workflow and of a profile, always in this order.</summary>
    public static async Task LockBudgetsAsync(
        this PromptPilotDbContext db,
        string? workflowId,
        string? profileId,
        CancellationToken cancellationToken
    )
    {
        foreach (var (scope, id) in new[] { (5, workflowId), (6, profileId) })
        {
            if (id is not null)
            {
                await db.ExecuteUncachedAsync(Lock, [("@class", 1347449455 + scope), ("@id", id)], cancellationToken);
            }
        }
    }
}
