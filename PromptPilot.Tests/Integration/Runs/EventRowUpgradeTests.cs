using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Before events shared rows, each had its own. Such databases are read and their runs resume.</summary>
[Trait("Database", "SQLite")]
public sealed class EventRowUpgradeTests
{
    private const string SharedEventRows = "SharedEventRows";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Start_OverRowsOfOneEventEach_WithARunUnderWay_ResumesIt()
    {
        var path = Path.Combine(Path.GetTempPath(), $"promptpilot-upgrade-{Ids.New()}.db");
        try
        {
            string ended,
                underWay;
            List<RunEvent> before;
            var model = new ScriptedModel().Hold("two");
            await using (var host = await EngineHost.StartAsync(model, path))
            {
                ended = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"])));
                await host.EndOfAsync(ended);
                underWay = await host.StartRunAsync(await host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"])));
                await model.Reached("two");
                (await host.EventRowsOfAsync(ended)).Should().HaveCount(2, "queued, claimed and started; ended and finished");
                before = await host.EventsOfAsync(underWay);
            }

            await RewriteAsync(path);

            await using var after = await EngineHost.StartAsync(new ScriptedModel(), path);
            var view = await after.EndOfAsync(underWay);
            view.Status.Should().Be(RunStatus.Succeeded);
            view.Steps[1].Attempts.Select(attempt => attempt.ErrorCode).Should().Equal([ErrorCode.Interrupted, null]);
            (await after.EndOfAsync(ended)).Status.Should().Be(RunStatus.Succeeded);
            var rows = await after.EventRowsOfAsync(underWay);
            rows.Take(before.Count).Should().BeEquivalentTo(before, options => options.Excluding(row => row.Following));
            (await after.EventsOfAsync(underWay)).Select(runEvent => runEvent.Seq).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            File.Delete(path);
        }
    }

    /// <summary>Takes the migration back, which gives each event its own row, and applies it again.</summary>
    private static async Task RewriteAsync(string path)
    {
        var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging();
        await using var provider = services.AddSingleHost(_ => path).BuildServiceProvider();
        await using var db = await provider.GetRequiredService<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        var migrations = db.Database.GetMigrations().ToList();
        var shared = migrations.FindIndex(name => name.EndsWith(SharedEventRows, StringComparison.Ordinal));
        await db.GetService<IMigrator>().MigrateAsync(migrations[shared - 1], Token);
        await db.Database.MigrateAsync(Token);
    }
}
