using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Storage;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>A new database is made by a script, an old one is upgraded by migrations. Both must have the same schema.</summary>
[Trait("Database", "SQLite")]
public sealed class NewDatabaseTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Create_MakesWhatTheMigrationsMake()
    {
        var (byScript, byMigrations) = (_directory.File("script.db"), _directory.File("migrations.db"));

        NewDatabase.Create(byScript);
        await MigrateAsync(byMigrations);

        ContentOf(byScript).Should().Equal(ContentOf(byMigrations), "CONTRIBUTING.md says how a migration gets into the script");
        Directory.GetFiles(_directory.Path).Should().NotContain(file => file.Contains(".new", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_OverAFile_LeavesIt()
    {
        var file = _directory.File("kept.db");
        File.WriteAllText(file, "mine");

        NewDatabase.Create(file);

        File.ReadAllText(file).Should().Be("mine");
    }

    [Fact]
    public void Create_AfterOneThatWasCutOff_BeginsAnew()
    {
        var file = _directory.File("again.db");
        File.WriteAllText(file + ".new", "half a database");

        NewDatabase.Create(file);

        DatabaseCopy.Check(file).Should().BeEmpty();
        File.Exists(file + ".new").Should().BeFalse();
    }

    private static async Task MigrateAsync(string file)
    {
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleHost(_ => file)
            .BuildServiceProvider();
        await using var db = await services.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        await db.Database.MigrateAsync(Token);
        DatabaseTemplate.Close(db);
    }

    /// <summary>Every table, index and trigger, and the applied migrations.</summary>
    private static List<string> ContentOf(string file)
    {
        using var connection = DatabaseCopy.Open(file, SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE '\_\_EFMigrationsLock%' ESCAPE '\'
            UNION ALL SELECT MigrationId FROM __EFMigrationsHistory
            ORDER BY 1
            """;
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
