using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>What the database itself promises, on a real file.</summary>
public sealed class DatabaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("foreign_keys", "1")]
    [Trait("Database", "SQLite")]
    public async Task Connection_OfAContext_HasTheSafeSetting(string pragma, string expected)
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);
        await db.Database.OpenConnectionAsync(Cancellation);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";

        (await command.ExecuteScalarAsync(Cancellation))!.ToString().Should().Be(expected);
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Migration_AgainstTheModel_LacksNothing()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);

        db.Database.HasPendingModelChanges().Should().BeFalse();
        (await db.Database.GetPendingMigrationsAsync(Cancellation)).Should().BeEmpty();
        (await db.Database.GetAppliedMigrationsAsync(Cancellation))
            .Should()
            .StartWith("20261123224536_Initial", "installations have it: migrations are only added");
    }

    [Fact]
    public async Task SecondSuccess_OfTheSameStepOfARun_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        var workflow = new Workflow { Name = "w" };
        var run = new WorkflowRun { WorkflowId = workflow.Id, WorkflowName = "w" };
        await database.SaveAsync(workflow, run);
        await database.SaveAsync(Log(run, ExecutionStatus.Error), Log(run, ExecutionStatus.Error), Log(run, ExecutionStatus.Success));

        var second = () => database.SaveAsync(Log(run, ExecutionStatus.Success));

        (await second.Should().ThrowAsync<DbUpdateException>()).WithInnerException<DbException>();
        await database.SaveAsync(Log(run, ExecutionStatus.Success, itemIndex: 0), Log(run, ExecutionStatus.Success, itemIndex: 1));
    }

    [Fact]
    public async Task Delete_OfARun_TakesItsEventsAndLogs()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        var workflow = new Workflow { Name = "w" };
        var run = new WorkflowRun { WorkflowId = workflow.Id, WorkflowName = "w" };
        await database.SaveAsync(
            workflow,
            run,
            Log(run, ExecutionStatus.Success),
            new RunEvent
            {
                RunId = run.Id,
                Seq = 1,
                Type = RunEventType.Queued,
            }
        );
        await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);

        await db.WorkflowRuns.Where(r => r.Id == run.Id).ExecuteDeleteAsync(Cancellation);

        (await db.ExecutionLogs.CountAsync(Cancellation)).Should().Be(0);
        (await db.RunEvents.CountAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Update_WithAnOldRevision_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        var prompt = new Prompt
        {
            Name = "p",
            NormalizedName = "P",
            Content = "x",
            CreatedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        };
        await database.SaveAsync(prompt);
        await using var first = await database.Contexts.CreateDbContextAsync(Cancellation);
        await using var second = await database.Contexts.CreateDbContextAsync(Cancellation);
        var mine = await first.Prompts.SingleAsync(Cancellation);
        var theirs = await second.Prompts.SingleAsync(Cancellation);
        mine.CreatedAt.Kind.Should().Be(DateTimeKind.Utc);
        (theirs.Content, theirs.Revision) = ("theirs", theirs.Revision + 1);
        await second.SaveChangesAsync(Cancellation);
        (mine.Content, mine.Revision) = ("mine", mine.Revision + 1);

        await first.Invoking(db => db.SaveChangesAsync(Cancellation)).Should().ThrowAsync<DbUpdateConcurrencyException>();
    }

    [Fact]
    public async Task FiftyWriters_AtOnce_AllSucceedThroughTheGate()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });

        await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            for (var i = 0; i < 10; i++)
                            {
                                var name = $"{writer}-{i}";
                                await database.SaveAsync(
                                    new Prompt
                                    {
                                        Name = name,
                                        NormalizedName = name,
                                        Content = "x",
                                    }
                                );
                                await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);
                                await db
                                    .Prompts.Where(p => p.Name == name)
                                    .ExecuteUpdateAsync(set => set.SetProperty(p => p.Content, "y"), Cancellation);
                            }
                        },
                        Cancellation
                    )
                )
        );

        await using var read = await database.Contexts.CreateDbContextAsync(Cancellation);
        (await read.Prompts.CountAsync(p => p.Content == "y", Cancellation)).Should().Be(500);
    }

    [Fact]
    public async Task Gate_AfterAFailedAndACancelledWrite_LetsTheNextThrough()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        await database.SaveAsync(
            new Prompt
            {
                Name = "p",
                NormalizedName = "P",
                Content = "x",
            }
        );
        await database
            .Invoking(d =>
                d.SaveAsync(
                    new Prompt
                    {
                        Name = "p",
                        NormalizedName = "P",
                        Content = "x",
                    }
                )
            )
            .Should()
            .ThrowAsync<DbUpdateException>();
        await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);
        await db.Invoking(context =>
                context.Prompts.ExecuteUpdateAsync(set => set.SetProperty(p => p.Content, "y"), new CancellationToken(canceled: true))
            )
            .Should()
            .ThrowAsync<OperationCanceledException>();
        await using (await database.Get<WriteGate>().BeginAsync(db, Cancellation))
        {
            // Rolled back.
        }

        await database
            .SaveAsync(
                new Prompt
                {
                    Name = "q",
                    NormalizedName = "Q",
                    Content = "x",
                }
            )
            .WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Gate_WaitedForByACancelledWrite_IsNotOpenedByIt()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        await using var holder = await database.Contexts.CreateDbContextAsync(Cancellation);
        await using var other = await database.Contexts.CreateDbContextAsync(Cancellation);
        var held = await database.Get<WriteGate>().BeginAsync(holder, Cancellation);
        using var cancel = new CancellationTokenSource();
        var waiting = other.Prompts.ExecuteDeleteAsync(cancel.Token);

        await cancel.CancelAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        var next = database.SaveAsync(
            new Prompt
            {
                Name = "q",
                NormalizedName = "Q",
                Content = "x",
            }
        );
        next.IsCompleted.Should().BeFalse("the gate is still held");
        await held.DisposeAsync();
        await next.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    private static ExecutionLog Log(WorkflowRun run, ExecutionStatus status, int? itemIndex = null) =>
        new()
        {
            RunId = run.Id,
            StepId = "step",
            PromptId = "prompt",
            PromptVersionId = "version",
            ModelProfileId = "profile",
            ModelUsed = "fake-1",
            Status = status,
            ItemIndex = itemIndex,
        };
}
