using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using Quartz;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>The runs that this host executes now. Quartz lends the workers; slots and order are the queue's.</summary>
public sealed class RunExecutions(
    IDbContextFactory<PromptPilotDbContext> contexts,
    RunQueue queue,
    RunLoader loader,
    RunJournal journal,
    RunFeed feed,
    StepRunner steps,
    ProfileLanes lanes,
    HostLease lease,
    RunWakeups wakeups,
    ISchedulerFactory schedulers,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILoggerFactory loggers
)
{
    private readonly ConcurrentDictionary<string, Execution> _running = [];
    private readonly ILogger _log = loggers.CreateLogger<RunExecutions>();
    private volatile bool _stopping;

    /// <summary>A run that has its slot.</summary>
    private sealed class Execution
    {
        public RunMailbox Mailbox { get; } = new();

        /// <summary>A run that was just made comes with its story; another is loaded by its worker.</summary>
        public Prepared? Prepared { get; init; }

        /// <summary>Null until its worker has taken it up.</summary>
        public RunExecutor? Executor { get; set; }

        private readonly Lock _lock = new();
        private bool _isOver;
        private bool _again;

        /// <summary>The run is wanted again although it has not quite left, e.g. a review was answered at this moment.</summary>
        /// <returns>False when it has left.</returns>
        public bool TryGoAgain()
        {
            lock (_lock)
            {
                return !_isOver && (_again = true);
            }
        }

        /// <returns>Whether the run is wanted again.</returns>
        public bool End()
        {
            lock (_lock)
            {
                _isOver = true;
                return _again;
            }
        }
    }

    private sealed record Prepared(RunStory Story, RunAdvance Advance, LiveRun Live);

    /// <summary>The host stops: new runs are refused.</summary>
    internal bool IsStopping => _stopping;

    internal int Count => _running.Count;

    internal bool Has(string runId) => _running.ContainsKey(runId);

    /// <summary>What takes a run's story forward.</summary>
    internal RunAdvance AdvanceOf(RunStory story) => new(story, lanes, options.Value.RetryDelay, time);

    /// <summary>Starts a run that was just made and has its slot.</summary>
    internal async Task LaunchAsync(RunStory story, RunAdvance advance)
    {
        // Shown from here on, so that whoever waits for the run finds it in memory.
        var live = feed.Hold(story.Run.Id);
        live.Publish(story.View);
        _running[story.Run.Id] = new Execution { Prepared = new Prepared(story, advance, live) };
        await LendWorkerAsync(story.Run.Id);
    }

    /// <summary>Starts the queued runs for which there are slots.</summary>
    internal async Task PumpAsync()
    {
        if (_stopping)
        {
            return;
        }

        foreach (var runId in await queue.AdmitAsync())
        {
            while (true)
            {
                if (_running.TryAdd(runId, new Execution()))
                {
                    await LendWorkerAsync(runId);
                    break;
                }

                if (_running.TryGetValue(runId, out var leaving) && leaving.TryGoAgain())
                {
                    queue.ReleaseSlot(runId);
                    break;
                }
            }
        }
    }

    /// <summary>Puts a parked run in line again.</summary>
    internal async Task WakeAsync(string runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.Id == runId && (run.Status == RunStatus.Waiting || run.Status == RunStatus.Queued))
            .Select(run => new
            {
                run.WorkflowId,
                run.Priority,
                run.QueuedAt,
            })
            .SingleOrDefaultAsync(cancellationToken);
        // One that has parked may still be leaving: it comes again when it has left.
        if (run is not null && !(_running.TryGetValue(runId, out var leaving) && leaving.TryGoAgain()))
        {
            queue.Add(runId, run.WorkflowId, run.Priority, queuedAt: run.QueuedAt);
            await PumpAsync();
        }
    }

    /// <summary>Tells an executing run something, and waits until that is committed.</summary>
    /// <returns>False when the run is not executed here (any more): it is the sender's to write.</returns>
    internal async Task<bool> TellAsync(string runId, RunSignal.Request request) =>
        _running.TryGetValue(runId, out var execution) && execution.Mailbox.TryPost(request) && await request.Committed;

    /// <summary>Executes a run until it ends or parks. Called by the worker.</summary>
    internal async Task ExecuteAsync(string runId)
    {
        if (!_running.TryGetValue(runId, out var execution))
        {
            return;
        }

        DateTime? wakeAt = null;
        try
        {
            wakeAt = await ExecuteAsync(runId, execution);
        }
        catch (JournalClosedException)
        {
            _log.LogInformation("Run {Run} is taken up at the next start", runId);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} broke off", runId);
            await FailAsync(runId, CauseOf(exception));
        }
        finally
        {
            execution.Mailbox.Close();
            _running.TryRemove(new KeyValuePair<string, Execution>(runId, execution));
            if (execution.Prepared is { } prepared)
            {
                feed.Release(prepared.Live);
            }

            queue.ReleaseSlot(runId);
            if (execution.End())
            {
                await WakeAsync(runId, CancellationToken.None);
            }
            else if (wakeAt is { } at)
            {
                await wakeups.ScheduleAsync(runId, at);
            }

            await PumpAsync();
        }
    }

    /// <summary>Starts nothing new; attempts in flight get <paramref name="grace"/> to end, then are interrupted.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _stopping = true;
        foreach (var execution in _running.Values)
        {
            execution.Executor?.Stop();
        }

        await WaitUntilIdleAsync(grace);
        foreach (var execution in _running.Values)
        {
            execution.Executor?.Interrupt();
        }

        await WaitUntilIdleAsync(TimeSpan.FromSeconds(5));
    }

    /// <returns>When the run wants to be woken, if it parked.</returns>
    private async Task<DateTime?> ExecuteAsync(string runId, Execution execution)
    {
        if (_stopping && execution.Prepared is null)
        {
            // Nothing was begun: it is taken up at the next start.
            return null;
        }

        var story = execution.Prepared?.Story ?? await loader.LoadAsync(runId, CancellationToken.None);
        if (story is null or { View.IsFinished: true })
        {
            return null;
        }

        using var executor = new RunExecutor(
            story,
            execution.Prepared?.Advance ?? AdvanceOf(story),
            execution.Mailbox,
            journal,
            feed,
            steps,
            lanes,
            lease,
            options.Value,
            time,
            loggers.CreateLogger<RunExecutor>()
        );
        execution.Executor = executor;
        if (_stopping)
        {
            executor.Stop();
        }

        await executor.ExecuteAsync();
        return story.View.Status == RunStatus.Waiting ? story.View.ResumeAt : null;
    }

    /// <summary>What to tell of a run that broke its executor.</summary>
    private static string CauseOf(Exception exception) =>
        exception switch
        {
            EntryUnwritableException => exception.Message,
            RunUnreadableException => $"The run cannot go on. {exception.Message} Start it again.",
            RunPlanException => $"The run cannot go on. {exception.Message}",
            _ => "PromptPilot made a mistake while it executed this run. The log of the host has the details; please report it.",
        };

    /// <summary>
    /// Whatever happens, a run ends: one that broke its executor is claimed anew, which shuts the old one out, and failed. If what it has
    /// so far cannot be written either, its row alone is.
    /// </summary>
    private async Task FailAsync(string runId, string cause)
    {
        try
        {
            await FailAsync(await loader.LoadAsync(runId, CancellationToken.None, evenUnplanned: true), cause);
        }
        catch (EntryUnwritableException exception)
        {
            _log.LogError(exception, "Run {Run} is failed without its steps", runId);
            await FailByRowAsync(runId, cause);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} could not be failed either; it is taken up when its lease is over", runId);
        }
    }

    private async Task FailByRowAsync(string runId, string cause)
    {
        try
        {
            await FailAsync(await loader.LoadRowAsync(runId, CancellationToken.None), cause);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} could not be failed either; it is taken up when its lease is over", runId);
        }
    }

    private async Task FailAsync(RunStory? story, string cause)
    {
        if (story is not { View.IsFinished: false })
        {
            return;
        }

        story.Claim(lease.Owner, lease.Until());
        story.CloseOpenAttempts(new ModelFault(ErrorCode.Internal, cause));
        story.ReleaseLease();
        story.Add(
            RunEventType.Finished,
            payload: new RunEventPayload { Status = RunStatus.Failed, Error = new RunError(ErrorCode.Internal, cause, null) }
        );
        await story.CommitAsync(journal, feed);
    }

    private async Task WaitUntilIdleAsync(TimeSpan limit)
    {
        var start = time.GetTimestamp();
        while (!_running.IsEmpty && time.GetElapsedTime(start) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }

    private async Task LendWorkerAsync(string runId)
    {
        try
        {
            var scheduler = await schedulers.GetScheduler();
            await scheduler.TriggerJob(RunJob.Key, new JobDataMap { [RunJob.RunId] = runId });
        }
        catch (SchedulerException) when (_stopping)
        {
            // The run is committed: it is taken up at the next start.
            _running.TryRemove(runId, out _);
        }
        catch (Exception exception)
        {
            // The run has its slot and must not be stranded with it.
            _log.LogError(exception, "Quartz lent no worker to run {Run}; it runs without", runId);
            _ = Task.Run(() => ExecuteAsync(runId));
        }
    }
}

/// <summary>The worker that Quartz lends to an admitted run.</summary>
internal sealed class RunJob(RunExecutions executions) : IJob
{
    public const string RunId = "runId";
    public static readonly JobKey Key = new("run");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await executions.ExecuteAsync(context.MergedJobDataMap.GetString(RunId)!);
}
