using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using Quartz;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>The runs that this host executes now. Quartz lends the workers; slots and order are the queue's.</summary>
internal sealed class RunExecutions(
    RunQueue queue, RunLoader loader, RunJournal journal, RunFeed feed, StepRunner steps, HostLease lease, ISchedulerFactory schedulers, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<string, RunExecutor> _executors = [];
    private readonly ConcurrentDictionary<string, (RunStory Story, LiveRun Live)> _prepared = [];
    private readonly ConcurrentDictionary<string, string> _cancelledEarly = [];
    private readonly ILogger _log = loggers.CreateLogger<RunExecutions>();
    private volatile bool _stopping;

    /// <summary>The host stops: new runs are refused.</summary>
    public bool IsStopping => _stopping;

    public int Count => _executors.Count;

    /// <summary>Starts a run that has its slot.</summary>
    public async Task LaunchAsync(RunStory story)
    {
        // Shown from here on, so that whoever waits for the run finds it in memory.
        var live = feed.Hold(story.Run.Id);
        live.Publish(story.View);
        _prepared[story.Run.Id] = (story, live);
        await LaunchAsync(story.Run.Id);
    }

    /// <summary>Starts the queued runs for which there are slots.</summary>
    public async Task PumpAsync()
    {
        if (_stopping)
        {
            return;
        }

        foreach (var runId in queue.Admit())
        {
            await LaunchAsync(runId);
        }
    }

    /// <summary>Cancels a run that has its slot: at once if it is being executed, else as soon as its worker takes it up.</summary>
    public void Cancel(string runId, string? by)
    {
        _cancelledEarly[runId] = by ?? "";
        if (_executors.TryGetValue(runId, out var executor))
        {
            executor.Cancel(by);
        }
    }

    /// <summary>Executes a run to its end. Called by the worker.</summary>
    public async Task ExecuteAsync(string runId)
    {
        var isPrepared = _prepared.TryRemove(runId, out var prepared);
        try
        {
            var story = isPrepared ? prepared.Story : await loader.LoadAsync(runId, CancellationToken.None);
            if (story is { View.IsFinished: false })
            {
                await ExecuteAsync(story);
            }
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} broke off by a bug", runId);
            await FailAsync(runId);
        }
        finally
        {
            if (isPrepared)
            {
                feed.Release(prepared.Live);
            }

            _cancelledEarly.TryRemove(runId, out _);
            queue.ReleaseSlot();
            await PumpAsync();
        }
    }

    /// <summary>Starts nothing new; attempts in flight get <paramref name="grace"/> to end, then are interrupted.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        _stopping = true;
        foreach (var executor in _executors.Values)
        {
            executor.Stop();
        }

        await WaitUntilIdleAsync(grace, time);
        foreach (var executor in _executors.Values)
        {
            executor.Interrupt();
        }

        await WaitUntilIdleAsync(TimeSpan.FromSeconds(5), time);
    }

    private async Task ExecuteAsync(RunStory story)
    {
        var runId = story.Run.Id;
        using var executor = new RunExecutor(story, journal, feed, steps, lease, loggers.CreateLogger<RunExecutor>());
        _executors[runId] = executor;
        try
        {
            if (_stopping)
            {
                executor.Stop();
            }

            if (_cancelledEarly.TryGetValue(runId, out var by))
            {
                executor.Cancel(by);
            }

            await executor.ExecuteAsync();
        }
        finally
        {
            _executors.TryRemove(new KeyValuePair<string, RunExecutor>(runId, executor));
        }
    }

    /// <summary>Whatever happens, a run ends: one that broke its executor is claimed anew, which shuts the old one out, and failed.</summary>
    private async Task FailAsync(string runId)
    {
        try
        {
            if (await loader.LoadAsync(runId, CancellationToken.None, evenUnplanned: true) is { View.IsFinished: false } story)
            {
                story.Claim(lease.Owner, lease.Until());
                story.CloseOpenAttempts();
                story.ReleaseLease();
                story.Add(RunEventType.Finished, payload: new RunEventPayload
                {
                    Status = RunStatus.Failed,
                    Error = new RunError(ErrorCode.Internal, "PromptPilot made a mistake while it executed this run. The log of the host has the details; please report it.", null),
                });
                await story.CommitAsync(journal, feed);
            }
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} could not be failed either; it is taken up at the next start", runId);
        }
    }

    private async Task WaitUntilIdleAsync(TimeSpan limit, TimeProvider time)
    {
        var end = time.GetUtcNow() + limit;
        while (!_executors.IsEmpty && time.GetUtcNow() < end)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }

    private async Task LaunchAsync(string runId)
    {
        try
        {
            var scheduler = await schedulers.GetScheduler();
            await scheduler.TriggerJob(RunJob.Key, new JobDataMap { [RunJob.RunId] = runId });
        }
        catch (SchedulerException) when (_stopping)
        {
            // The run is committed: it is taken up at the next start.
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
