using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>What the retention removes and keeps, on a real file.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private static readonly DateTime Now = new(2030, 7, 15, 12, 0, 0, DateTimeKind.Utc);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Now));
    private TestDatabase _database = null!;
    private RunJournal _journal = null!;
    private Workflow _workflow = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_ => { });
        _journal = new RunJournal(
            _database.Contexts,
            _database.Get<WriteGate>(),
            new HookOutbox(_database.Get<DataVersion>(), _time),
            _time,
            NullLogger<RunJournal>.Instance
        );
        await _database.SaveAsync(_workflow = new Workflow { Name = "W" });
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Sweep_ByAge_RemovesWhatEndedBefore_AndKeepsUnfinishedPinnedAndRated()
    {
        var old = Run(days: 91);
        var young = Run(days: 89);
        var running = Run(days: 200);
        running.FinishedAt = null;
        running.Status = RunStatus.Running;
        var endedLate = Run(days: 200);
        endedLate.FinishedAt = Now.AddDays(-1);
        var pinned = Run(days: 200);
        pinned.Pinned = true;
        var rated = Run(days: 200);
        await _database.SaveAsync(old, young, running, endedLate, pinned, rated, Log(old), Event(old));
        await RateAsync(rated);

        (await Sweeper(days: 90).SweepAsync(Token)).Should().Be(1);

        (await IdsAsync()).Should().BeEquivalentTo(young.Id, running.Id, endedLate.Id, pinned.Id, rated.Id);
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.RunEvents.CountAsync(Token)).Should().Be(0);
        (await db.ExecutionLogs.Select(log => log.RunId).SingleAsync(Token)).Should().Be(rated.Id);
    }

    [Fact]
    public async Task Sweep_ByCount_KeepsTheNewest_BesidesRatedAndPinnedOnes()
    {
        var runs = Enumerable.Range(0, 6).Select(i => Run(days: i)).ToList();
        runs[0].Pinned = true;
        await _database.SaveAsync([.. runs]);
        await RateAsync(runs[4]);

        await Sweeper(days: 0, runs: 2).SweepAsync(Token);

        (await IdsAsync()).Should().BeEquivalentTo(runs[0].Id, runs[1].Id, runs[2].Id, runs[4].Id);
    }

    [Fact]
    public async Task Sweep_ByTheLimitsOfTheWorkflow_WinsOverTheHost()
    {
        var strict = new Workflow
        {
            Name = "Strict",
            Limits = new WorkflowLimits { KeepDays = 1 },
        };
        var usual = Run(days: 2);
        var own = Run(days: 2);
        own.WorkflowId = strict.Id;
        await _database.SaveAsync(strict, usual);
        await _database.SaveAsync(own);

        await Sweeper(days: 90).SweepAsync(Token);

        (await IdsAsync()).Should().Equal(usual.Id);
    }

    [Fact]
    public async Task Sweep_OfAFamily_TakesChildrenFirst_AndKeepsAncestorsOfWhatStays()
    {
        var gone = Enumerable.Range(0, 5).Select(i => Run(days: 200 - i)).ToList();
        var kept = Enumerable.Range(0, 3).Select(i => Run(days: 150 - i)).ToList();
        for (var i = 1; i < gone.Count; i++)
        {
            gone[i].ParentRunId = gone[i - 1].Id;
        }

        (kept[1].ParentRunId, kept[2].ParentRunId, kept[2].Pinned) = (kept[0].Id, kept[1].Id, true);
        await _database.SaveAsync([.. gone, .. kept]);
        var sweeper = Sweeper(days: 90);

        (await sweeper.SweepAsync(Token)).Should().Be(5);

        (await IdsAsync()).Should().BeEquivalentTo(kept.Select(run => run.Id));
        (await sweeper.SweepAsync(Token)).Should().Be(0, "a second look finds nothing more");
    }

    [Fact]
    public async Task Sweep_OfCallsOutsideOfRuns_GoesByAge_AndKeepsRatedOnes()
    {
        var calls = new[] { Call(days: 91), Call(days: 89), Call(days: 91) };
        await _database.SaveAsync(calls);
        var person = await _database.AddPersonAsync(Role.Collaborator);
        await _database.SaveAsync(
            new Core.Feedback.Feedback
            {
                ExecutionId = calls[2].Id,
                PromptId = calls[2].PromptId,
                UserId = person.Id,
                Rating = 4,
            }
        );

        await Sweeper(days: 0).SweepAsync(Token);
        (await LogsAsync()).Should().HaveCount(3, "0 days is for ever");
        await Sweeper(days: 90).SweepAsync(Token);

        (await LogsAsync()).Should().BeEquivalentTo(calls[1].Id, calls[2].Id);
    }

    [Fact]
    public async Task Sweep_OfRunsOfThisMonth_LeavesWhatTheySpentInTheBudgets()
    {
        var (run, call) = (Run(days: 3), Call(days: 3));
        var log = Log(run);
        (log.Cost, call.Cost) = (700, 300);
        await _database.SaveAsync(run, log, call);
        var before = await SpentAsync();

        await Sweeper(days: 1).SweepAsync(Token);

        (await LogsAsync()).Should().BeEmpty();
        before.Month.Should().Be(1000);
        (await SpentAsync()).Should().Be(before);
    }

    [Fact]
    public async Task Append_OfARetryWhoseParentWasDeleted_IsRefused()
    {
        var orphan = Run(days: 0);
        orphan.ParentRunId = "deleted a moment ago";

        (
            await _journal.AppendAsync(
                new JournalEntry
                {
                    Run = orphan,
                    IsNew = true,
                    Events = [Event(orphan)],
                }
            )
        ).Should().Be(AppendResult.Refused);

        (await IdsAsync()).Should().BeEmpty();
    }

    private RunRetention Sweeper(int days, int runs = 0) =>
        new(
            _database.Contexts,
            _journal,
            new RunFeed(),
            Options.Create(new RunsOptions { KeepDays = days, KeepRuns = runs }),
            _time,
            NullLogger<RunRetention>.Instance
        );

    private WorkflowRun Run(int days)
    {
        var at = Now.AddDays(-days).AddMinutes(-1);
        return new WorkflowRun
        {
            WorkflowId = _workflow.Id,
            WorkflowName = "W",
            Status = RunStatus.Succeeded,
            QueuedAt = at,
            StartedAt = at,
            FinishedAt = at.AddSeconds(5),
        };
    }

    private static RunEvent Event(WorkflowRun run) =>
        new()
        {
            RunId = run.Id,
            Seq = 1,
            Type = RunEventType.Queued,
        };

    private ExecutionLog Log(WorkflowRun run) =>
        new()
        {
            RunId = run.Id,
            WorkflowId = _workflow.Id,
            StepId = "s",
            PromptId = "p",
            PromptVersionId = "v",
            ModelProfileId = "m",
            ModelUsed = "m",
            Timestamp = run.QueuedAt,
        };

    private static ExecutionLog Call(int days) =>
        new()
        {
            PromptId = "p",
            PromptVersionId = "v",
            ModelProfileId = "m",
            ModelUsed = "m",
            Timestamp = Now.AddDays(-days),
        };

    private async Task RateAsync(WorkflowRun run)
    {
        var log = Log(run);
        var person = await _database.AddPersonAsync(Role.Collaborator);
        await _database.SaveAsync(log);
        await _database.SaveAsync(
            new Core.Feedback.Feedback
            {
                ExecutionId = log.Id,
                PromptId = log.PromptId,
                UserId = person.Id,
                Rating = 2,
            }
        );
    }

    private async Task<(long Day, long Month)> SpentAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await SpentSums.ReadAsync(db, "m", isProfile: true, Period.Of(Now), Token);
    }

    private async Task<List<string>> IdsAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await db.WorkflowRuns.Select(run => run.Id).ToListAsync(Token);
    }

    private async Task<List<string>> LogsAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await db.ExecutionLogs.Select(log => log.Id).ToListAsync(Token);
    }
}
