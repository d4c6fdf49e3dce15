using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Migrations;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Tests.Integration.TestSets;

/// <summary>Examples had a table of their own before they became test cases.</summary>
[Trait("Database", "SQLite")]
public sealed class ExampleUpgradeTests : IDisposable
{
    private const string ExamplesAsCases = "_ExamplesAsCases";

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"promptpilot-examples-{Ids.New()}.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        File.Delete(_path);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Upgrade_MakesCasesOfExamples_AndLosesNone_BothWays()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleHost(_ => _path)
            .BuildServiceProvider();
        await using var db = await provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        var migrations = db.Database.GetMigrations().ToList();
        var before = migrations[migrations.FindIndex(id => id.EndsWith(ExamplesAsCases, StringComparison.Ordinal)) - 1];
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync(before, Token);
        await FillAsync(db);
        var written = await ReadAsync();

        await db.Database.MigrateAsync(Token);

        var sets = await db.TestSets.AsNoTracking().OrderBy(set => set.PromptId).ToListAsync(Token);
        sets.Select(set => (set.PromptId, set.Name, set.Version)).Should().Equal(("p1", "Examples", 1), ("p2", "examples", 8));
        var cases = await db.TestCases.AsNoTracking().OrderBy(test => test.TestSetId).ThenBy(test => test.Number).ToListAsync(Token);
        cases
            .Where(test => test.Origin == CaseOrigin.Example)
            .Select(test => (test.Id, test.TestSetId == "set-2", test.Number, test.Name))
            .Should()
            .BeEquivalentTo([("e1", false, 1, "First"), ("e2", false, 2, new string('n', 200)), ("e3", true, 5, "First")]);
        var first = cases.Single(test => test.Id == "e1");
        first.Inputs["notes"].GetProperty("deep")[0].GetString().Should().Be("„quoted“ 'text'");
        first.Should().Match<TestCase>(test => test.Expected == null && test.Tags.Count == 0 && test.CreatedBy == null);
        cases.Single(test => test.Id == "kept").Number.Should().Be(4);

        await migrator.MigrateAsync(before, Token);

        (await ReadAsync()).Should().Equal(written);
        (await db.TestCases.AsNoTracking().Select(test => test.Id).ToListAsync(Token)).Should().Equal("kept");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Upgrade_KilledAfterTheTableOfSetsWasMadeAnew_IsRepeated_AndKeepsTheirCases()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddSingleHost(_ => _path)
            .BuildServiceProvider();
        await using var db = await provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        var migrator = db.GetService<IMigrator>();
        await migrator.MigrateAsync(
            db.Database.GetMigrations().Single(id => id.EndsWith(ExamplesAsCases, StringComparison.Ordinal)),
            Token
        );
        await FillSetsAsync(db);
        var script = new WorkflowTestSets().UpOperations.OfType<SqlOperation>().Single();
        script.SuppressTransaction.Should().BeTrue();
        await db.Database.ExecuteSqlRawAsync(script.Sql, Token);

        await db.Database.MigrateAsync(Token);

        (await db.TestSets.AsNoTracking().SingleAsync(Token)).Should().Match<TestSet>(set => set.Id == "set-2" && set.Version == 7);
        (await db.TestCases.AsNoTracking().Select(test => test.Id).ToListAsync(Token)).Should().Equal("kept");
        await db.TestSets.ExecuteDeleteAsync(Token);
        (await db.TestCases.CountAsync(Token)).Should().Be(0, "foreign keys are on again");
    }

    /// <summary>A prompt without test sets, and one that has a set of the name already.</summary>
    private static async Task FillAsync(PromptPilotDbContext db)
    {
        await FillSetsAsync(db);
        await InsertAsync(db, "e1", "p1", "First", """{"notes":{"deep":["„quoted“ 'text'"]}}""");
        await InsertAsync(db, "e2", "p1", new string('n', 200), "{}");
        await InsertAsync(db, "e3", "p2", "First", """{"notes":"x"}""");
    }

    private static async Task FillSetsAsync(PromptPilotDbContext db)
    {
        db.AddRange(Prompt("p1"), Prompt("p2"));
        await db.SaveChangesAsync(Token);

        // By its columns of then: the model has more by now.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "TestSets" ("Id", "PromptId", "Name", "NormalizedName", "Checks", "Version", "Revision", "CreatedAt", "UpdatedAt")
            VALUES ('set-2', 'p2', 'examples', 'EXAMPLES', '[]', 7, 1, '2026-11-01 10:00:00', '2026-11-01 10:00:00')
            """,
            Token
        );
        db.Add(
            new TestCase
            {
                Id = "kept",
                TestSetId = "set-2",
                Number = 4,
            }
        );
        await db.SaveChangesAsync(Token);
        db.ChangeTracker.Clear();
    }

    private static Task<int> InsertAsync(PromptPilotDbContext db, string id, string promptId, string name, string values) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "PromptExamples" ("Id", "PromptId", "Name", "Values", "CreatedAt")
            VALUES ({id}, {promptId}, {name}, {values}, '2026-11-01 10:00:00')
            """,
            Token
        );

    private async Task<List<string>> ReadAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={_path}");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """SELECT "Id", "PromptId", "Name", "Values", "CreatedBy", "CreatedAt" FROM "PromptExamples" ORDER BY "Id" """;
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Token))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(JsonSerializer.Serialize(row.Select(value => value.ToString())));
        }

        return rows;
    }

    private static Prompt Prompt(string id) =>
        new()
        {
            Id = id,
            Name = id,
            NormalizedName = id.ToUpperInvariant(),
            Content = "{{ notes }}",
            Variables = ["notes"],
        };
}
