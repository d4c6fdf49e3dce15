using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Audit;

/// <summary>
/// Makes the database itself refuse to change or delete entries of the audit log, even for SQL that was added to this host.
/// (Who can write the file, or owns the table, can do anything.)
/// </summary>
public static class AuditTable
{
    internal const string Name = "AuditEntries";

    private const string Refusal = "the audit log is append-only";

    private static readonly string[] OfSqlite =
    [
        $"CREATE TRIGGER IF NOT EXISTS \"{Name}_Update\" BEFORE UPDATE ON \"{Name}\" BEGIN SELECT RAISE(ABORT, '{Refusal}'); END",
        $"CREATE TRIGGER IF NOT EXISTS \"{Name}_Delete\" BEFORE DELETE ON \"{Name}\" BEGIN SELECT RAISE(ABORT, '{Refusal}'); END",
    ];

    private static readonly string[] OfPostgres =
    [
        $"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{Refusal}'; END $$",
        $"CREATE OR REPLACE TRIGGER \"{Name}_Change\" BEFORE UPDATE OR DELETE ON \"{Name}\" FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        $"CREATE OR REPLACE TRIGGER \"{Name}_Truncate\" BEFORE TRUNCATE ON \"{Name}\" EXECUTE FUNCTION audit_refuse()",
    ];

    /// <summary>Puts the guards in place; at each start, after the migrations.</summary>
    public static async Task EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        foreach (var statement in db.HasOneWriter ? OfSqlite : OfPostgres)
        {
            await db.Database.ExecuteSqlRawAsync(statement, cancellationToken);
        }
    }
}
