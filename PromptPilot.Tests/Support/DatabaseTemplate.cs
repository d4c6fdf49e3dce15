using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Search;

namespace PromptPilot.Tests.Support;

/// <summary>
/// An empty database with the latest schema. The migrations make it once per test process; a test that needs a fresh one gets a copy,
/// because migrating costs more than a second each time. Tests of the first start and of upgrades migrate for themselves.
/// Tests name a database by the file that it has on SQLite, wherever it is.
/// </summary>
internal static class DatabaseTemplate
{
    private static readonly Lazy<Task<byte[]>> Made = new(MakeAsync);
    private static readonly Lazy<Task<string>> MadeInPostgres = new(MakeInPostgresAsync);

    /// <summary>Makes a copy in place of the path, unless there is one already.</summary>
    /// <returns>Its connection string on PostgreSQL; null on SQLite, which uses the file.</returns>
    public static async Task<string?> PrepareAsync(string path)
    {
        if (PostgresDatabase.IsUsed)
        {
            return await PostgresDatabase.InPlaceOfAsync(path, await MadeInPostgres.Value);
        }

        await CopyToAsync(path);
        return null;
    }

    /// <summary>Registers the database that <see cref="PrepareAsync"/> made.</summary>
    public static IServiceCollection AddDatabase(this IServiceCollection services, string path, string? postgres) =>
        postgres is null ? services.AddSingleHost(_ => path) : services.AddCluster(postgres);

    /// <summary>Puts a copy at the path, unless there is a file already.</summary>
    public static async Task CopyToAsync(string path)
    {
        if (!File.Exists(path))
        {
            await File.WriteAllBytesAsync(path, await Made.Value);
        }
    }

    /// <summary>Closes the idle connections to the file of this context, so that the file can go; those of other tests stay open.</summary>
    public static void Close(DbContext db)
    {
        if (db.Database.GetDbConnection() is SqliteConnection connection)
        {
            SqliteConnection.ClearPool(connection);
        }
    }

    private static async Task<byte[]> MakeAsync()
    {
        using var directory = new TempDirectory();
        var file = directory.File("template.db");
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleHost(_ => file)
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

    private static async Task<string> MakeInPostgresAsync()
    {
        var connection = await PostgresDatabase.CreateAsync(template: null);
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddCluster(connection)
            .BuildServiceProvider();
        await using var db = await services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync();
        await db.Database.MigrateAsync();
        await PromptIndex.EnsureAsync(db, CancellationToken.None);
        await AuditTable.EnsureAsync(db, CancellationToken.None);
        NpgsqlConnection.ClearPool((NpgsqlConnection)db.Database.GetDbConnection());
        return db.Database.GetDbConnection().Database;
    }
}
