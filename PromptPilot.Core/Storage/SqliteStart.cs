using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Storage;

/// <summary>Makes the SQLite file ready. This host owns the data directory.</summary>
public sealed class SqliteStart(
    IDbContextFactory<PromptPilotDbContext> contexts,
    StoragePaths paths,
    TimeProvider time,
    ILogger<SqliteStart> log
) : IDatabaseStart
{
    /// <inheritdoc/>
    public async Task<string?> PrepareAsync(Version version, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var file = paths.Database;
        if (DatabaseCheck.Refusal(file, [.. db.Database.GetMigrations()], version) is { } refusal)
        {
            return refusal;
        }

        NewDatabase.Create(file);

        // Asked first: EF compares its whole model with the last migration before it finds nothing to do.
        if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).FirstOrDefault() is { } next)
        {
            // EF's own lock survives a host that died while it migrated; ours, just taken, proves that no one is migrating now.
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            await CopyBeforeAsync(db, next);
            await db.Database.MigrateAsync(cancellationToken);
        }

        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        DatabaseCheck.Mark(file, version);
        return null;
    }

    /// <summary>Copies the database to the data directory's backups before an upgrade changes it.</summary>
    /// <param name="next">The first migration of the upgrade.</param>
    private async Task CopyBeforeAsync(PromptPilotDbContext db, string next)
    {
        if (!(await db.Database.GetAppliedMigrationsAsync()).Any())
        {
            return;
        }

        Directory.CreateDirectory(paths.Backups);
        var copy = Path.Combine(paths.Backups, $"before-{next}-{time.GetUtcNow():yyyyMMddHHmmss}.db");
        DatabaseCopy.Make(paths.Database, copy);
        log.LogInformation("Upgrading the database; a copy of the previous state is kept in {Copy}", copy);
    }
}
