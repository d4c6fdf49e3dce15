using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Audit;

/// <summary>Has the database itself refuse to change or delete what is in the audit log, also for whoever writes SQL of their own into this host. (Who can write the file can do anything.)</summary>
public static class AuditTable
{
    internal const string Name = "AuditEntries";

    /// <summary>Puts the guards in place; at each start, after the migrations.</summary>
    public static async Task EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        foreach (var what in new[] { "UPDATE", "DELETE" })
        {
            await db.Database.ExecuteSqlRawAsync(
                $"CREATE TRIGGER IF NOT EXISTS \"{Name}_{what}\" BEFORE {what} ON \"{Name}\" BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
                cancellationToken);
        }
    }
}
