using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Insights;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>A database with runs, calls and ratings that are written as the journal writes them, and the sums of them.</summary>
internal sealed class RollupWorld : IAsyncDisposable
{
    public static readonly DateTime Now = new(2030, 7, 15, 12, 30, 0, DateTimeKind.Utc);

    private RollupWorld(TestDatabase database)
    {
        Database = database;
        Journal = new RunJournal(
            database.Contexts,
            database.Get<WriteGate>(),
            new HookOutbox(database.Get<DataVersion>(), Time),
            Time,
            NullLogger<RunJournal>.Instance
        );
    }

    public TestDatabase Database { get; }

    public RunJournal Journal { get; }

    public static FakeTimeProvider Time { get; } = new(new DateTimeOffset(Now));

    public RollupWorker Worker => Database.Get<RollupWorker>();

    public InsightsService Insights => Database.Get<InsightsService>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RollupWorld> CreateAsync() =>
        new(
            await TestDatabase.CreateAsync(services =>
                services
                    .AddSingleton<TimeProvider>(Time)
                    .AddSingleton<RunFeed>()
                    .AddSingleton<RollupWorker>()
                    .AddSingleton<FeedbackService>()
                    .AddInsights()
            )
        );

    /// <summary>A run as it is when its journal has written it, with its events.</summary>
    public static (WorkflowRun Run, RunEvent[] Events) Run(
        string workflowId,
        DateTime at,
        RunStatus status = RunStatus.Succeeded,
        string? by = null,
        TriggerType trigger = TriggerType.Manual,
        long? durationMs = 1000,
        long cost = 0
    )
    {
        var run = new WorkflowRun
        {
            WorkflowId = workflowId,
            WorkflowName = "W",
            QueuedAt = at,
            Status = status,
            StartedBy = by,
            TriggerKind = trigger,
            Cost = cost,
            InputTokens = 3,
            OutputTokens = 5,
            Priority = RunPriority.Person,
        };
        var queued = new RunEvent
        {
            RunId = run.Id,
            Seq = 1,
            Type = RunEventType.Queued,
            At = at,
        };
        if (status is RunStatus.Queued or RunStatus.Running or RunStatus.Waiting)
        {
            return (run, [queued]);
        }

        (run.FinishedAt, run.DurationMs) = (at, durationMs);
        if (run.Id[^1] < '8')
        {
            // What is committed together shares a row.
            queued.Following = [new FollowingEvent(RunEventType.Finished, null, null, null, new RunEventPayload { Status = status }, at)];
            return (run, [queued]);
        }

        return (run, [queued, Finished(run)]);
    }

    public static RunEvent Finished(WorkflowRun run) =>
        new()
        {
            RunId = run.Id,
            Seq = 2,
            Type = RunEventType.Finished,
            At = run.QueuedAt,
        };

    public static ExecutionLog Log(
        WorkflowRun? run,
        DateTime at,
        string version = "version-1",
        string profile = "profile-1",
        ExecutionStatus status = ExecutionStatus.Success,
        long durationMs = 500,
        long cost = 0
    ) =>
        new()
        {
            RunId = run?.Id,
            WorkflowId = run?.WorkflowId,
            StepId = run is null ? null : Guid.NewGuid().ToString(),
            PromptId = "prompt-1",
            PromptVersionId = version,
            ModelProfileId = profile,
            ModelUsed = "fake-1",
            Status = status,
            Timestamp = at,
            DurationMs = durationMs,
            InputTokens = 7,
            OutputTokens = 11,
            Cost = cost,
        };

    public async Task<string> AddWorkflowAsync(string name)
    {
        var workflow = new Workflow { Name = name };
        await Database.SaveAsync(workflow);
        return workflow.Id;
    }

    public Task CountAsync() => Worker.CatchUpAsync(Token);

    /// <summary>Does something inside a transaction that holds the write gate.</summary>
    public async Task InTransactionAsync(Func<PromptPilotDbContext, Task> write)
    {
        await using var db = await Database.Contexts.CreateDbContextAsync(Token);
        await using var transaction = await Database.Get<WriteGate>().BeginAsync(db, Token);
        await write(db);
        await transaction.CommitAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Database.DisposeAsync();
    }
}
