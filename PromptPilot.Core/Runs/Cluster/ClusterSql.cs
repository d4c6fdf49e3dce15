using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>What the engine asks PostgreSQL about other hosts.</summary>
internal static class ClusterSql
{
    /// <summary>One host at a time decides which runs start, for the transaction that has just begun.</summary>
    public static Task LockAdmissionAsync(this PromptPilotDbContext db) => db.Database.ExecuteSqlRawAsync(PostgresLocks.BeginAdmission);

    /// <summary>Whether another host is connected, beside this one.</summary>
    public static async Task<bool> HasOtherHostAsync(this PromptPilotDbContext db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<bool>(PostgresLocks.HasSeveralHosts).ToListAsync(cancellationToken))[0];
}
