using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>What the engine asks PostgreSQL about other hosts.</summary>
internal static class ClusterSql
{
    /// <summary>
    /// No query of EF knows these tables, and SQLite does not have them. Hosts that start at the same moment make them one after the other.
    /// </summary>
    private const string Create = $"""
        SELECT pg_advisory_xact_lock({PostgresLocks.Class}, 4);
        CREATE TABLE IF NOT EXISTS "RunSignals" (
            "Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            "RunId" text COLLATE "C" NOT NULL REFERENCES "WorkflowRuns" ("Id") ON DELETE CASCADE,
            "Body" text NOT NULL,
            "IsLate" boolean NOT NULL DEFAULT false,
            "At" timestamptz NOT NULL DEFAULT now());
        CREATE INDEX IF NOT EXISTS "IX_RunSignals_RunId" ON "RunSignals" ("RunId")
        """;

    public static async Task EnsureTablesAsync(this PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync(Create, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>One host at a time decides which runs start, for the transaction that has just begun.</summary>
    public static Task LockAdmissionAsync(this PromptPilotDbContext db) => db.Database.ExecuteSqlRawAsync(PostgresLocks.BeginAdmission);

    /// <summary>Whether another host is connected, beside this one.</summary>
    public static async Task<bool> HasOtherHostAsync(this PromptPilotDbContext db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<bool>(PostgresLocks.HasSeveralHosts).ToListAsync(cancellationToken))[0];
}
