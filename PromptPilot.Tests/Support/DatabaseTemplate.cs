using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Search;

namespace PromptPilot.Tests.Support;

/// <summary>
/// An empty database file with the latest schema. The migrations make it once per test process; a test that needs a fresh one gets a copy,
/// because migrating costs more than a second each time. Tests of the first start and of upgrades migrate for themselves.
/// </summary>
internal static class DatabaseTemplate
{
    private static readonly Lazy<Task<byte[]>> Made = new(MakeAsync);

    /// <summary>Puts a copy at the path, unless there is a file already.</summary>
    public static async Task CopyToAsync(string path)
    {
        if (!File.Exists(path))
        {
            await File.WriteAllBytesAsync(path, await Made.Value);
        }
    }

    /// <summary>Closes the idle connections to the file of this context, so that the file can go; those of other tests stay open.</summary>
    public static void Close(DbContext db) => SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());

    private static async Task<byte[]> MakeAsync()
    {
        using var directory = new TempDirectory();
        var file = directory.File("template.db");
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddData(_ => file)
            .BuildServiceProvider();
        await using (var db = await services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync();
            await PromptIndex.EnsureAsync(db, CancellationToken.None);
            await AuditTable.EnsureAsync(db, CancellationToken.None);
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            Close(db);
        }

        return await File.ReadAllBytesAsync(file);
    }
}
