using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// The claims of runs, written without the journal where hosts share a database: before a run is executed, and while it is. All times are
/// the database's. A row that is being written elsewhere is skipped, so nothing here waits for a row or deadlocks with the journal.
/// </summary>
internal static class RunClaims
{
    private const string Lease = "clock_timestamp() + make_interval(secs => {1})";

    /// <summary>
    /// The statement that extends the claims of <c>@owner</c> to the runs <c>@runs</c> by <c>@seconds</c>. A commit of a skipped run
    /// extends its claim anyway.
    /// </summary>
    public const string Renew = """
        UPDATE "WorkflowRuns" SET "LeaseUntil" = clock_timestamp() + make_interval(secs => @seconds) WHERE "Id" IN (
          SELECT "Id" FROM "WorkflowRuns" WHERE "Status" = 'Running' AND "LeaseOwner" = @owner AND "Id" = ANY(@runs)
          ORDER BY "Id" FOR NO KEY UPDATE SKIP LOCKED)
        """;

    /// <summary>Claims runs. Their epoch increases, so that an earlier owner can no longer write.</summary>
    /// <param name="condition">SQL that must still hold for the row.</param>
    /// <param name="seconds">Lifetime of the claim.</param>
    /// <returns>The claimed runs.</returns>
    public static Task<List<string>> ClaimAsync(
        PromptPilotDbContext db,
        string[] runIds,
        string condition,
        string owner,
        double seconds,
        CancellationToken cancellationToken
    )
    {
        var sql = $$"""
            UPDATE "WorkflowRuns"
            SET "Status" = 'Running', "LeaseOwner" = {0}, "LeaseUntil" = {{Lease}}, "LeaseEpoch" = "LeaseEpoch" + 1
            WHERE "Id" IN (
              SELECT "Id" FROM "WorkflowRuns" WHERE "Id" = ANY({2}) AND ({{condition}}) ORDER BY "Id" FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING "Id"
            """;
        return db.Database.SqlQueryRaw<string>(sql, owner, seconds, runIds).ToListAsync(cancellationToken);
    }

    /// <summary>Ends the claims of all other hosts, none of which is alive.</summary>
    public static Task ReleaseOthersAsync(PromptPilotDbContext db, string owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""UPDATE "WorkflowRuns" SET "LeaseUntil" = NULL WHERE "Status" = 'Running' AND "LeaseOwner" <> {owner}""",
            cancellationToken
        );
}
