using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Audit;

/// <summary>
/// Makes the database itself refuse to change or delete entries of the audit log, even for SQL that was added to this host.
/// (Who can write the file can do anything.)
/// </summary>
public static class AuditTable
{
    internal const string Name = "AuditEntries";

    /// <summary>Puts the guards in place; at each start, after the migrations.</summary>
    public static async Task EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        if (!db.HasOneWriter)
        {
            // PostgreSQL has no guards yet.
            return;
        }

        await db.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER IF NOT EXISTS \"AuditEntries_Update\" BEFORE UPDATE ON \"AuditEntries\" BEGIN SELECT RAISE(ABORT, "
                + "'the audit log is append-only'); END",
            cancellationToken
        );
        await db.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER IF NOT EXISTS \"AuditEntries_Delete\" BEFORE DELETE ON \"AuditEntries\" BEGIN SELECT RAISE(ABORT, "
                + "'the audit log is append-only'); END",
            cancellationToken
        );
    }
}
