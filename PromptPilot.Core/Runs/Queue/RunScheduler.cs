using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// Decides when runs execute. One loop admits waiting runs as slots and model profiles allow, resumes parked runs that are due, takes over
/// runs whose executor is gone, and renews the leases of this host. Each admitted run executes as a task of its own.
/// </summary>
public sealed class RunScheduler(
    RunQueue queue,
    ProfileLimiters limiters,
    UnfinishedRuns unfinished,
    RunWakeups wakeups,
    IRunExecutions executions,
    HostLease lease,
    TimeProvider time,
    ILogger<RunScheduler> log
)
{
    /// <summary>A time that has come but opens nothing, e.g. while the clock is set back, must not cause a busy loop.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RunTask> _running = [];
    private volatile bool _stopping;

    /// <summary>A run that has its slot.</summary>
    private sealed class RunTask
    {
        private readonly Lock _lock = new();
        private bool _isOver;
        private bool _again;

        /// <summary>The run has to be queued again although it has not quite left, e.g. a review was answered at this moment.</summary>
        /// <returns>False when it has left.</returns>
        public bool TryRunAgain()
        {
            lock (_lock)
            {
                return !_isOver && (_again = true);
            }
        }

        /// <returns>True when the run has to be queued again.</returns>
        public bool End()
        {
            lock (_lock)
            {
                _isOver = true;
                return _again;
            }
        }
    }

    /// <summary>True once the host stops: new runs are refused.</summary>
    internal bool IsStopping => _stopping;

    /// <summary>True when a run has its slot on this host.</summary>
    internal bool IsRunning(string runId) => _running.ContainsKey(runId);

    /// <summary>
    /// Queues unfinished runs before the host accepts requests: later it could not tell them from its own new runs. The only host owns the
    /// data directory, so at start no lease is valid and all unfinished runs resume at once.
    /// </summary>
    internal async Task ResumeUnfinishedAsync(CancellationToken cancellationToken)
    {
        await lease.StartAsync(cancellationToken);
        if (!queue.MirrorsRows)
        {
            return;
        }

        var runs = await unfinished.ListAsync(cancellationToken);
        foreach (var run in runs)
        {
            if (run.Status == RunStatus.Waiting && run.ResumeAt > time.GetUtcNow().UtcDateTime)
            {
                await wakeups.ScheduleAsync(run.Id, run.ResumeAt.Value);
            }
            else
            {
                Enqueue(run);
            }
        }

        if (runs.Count > 0)
        {
            log.LogInformation("Resuming {Count} unfinished runs", runs.Count);
        }
    }

    /// <summary>The loop. It may be called again after it failed.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewLeasesAsync(ended.Token);
        try
        {
            await AdmitAndSweepAsync(stoppingToken);
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
        }
    }

    /// <summary>Starts the task of a run that has its slot.</summary>
    internal void Start(string runId)
    {
        var started = new RunTask();
        while (!_running.TryAdd(runId, started))
        {
            if (_running.TryGetValue(runId, out var leaving) && leaving.TryRunAgain())
            {
                queue.ReleaseSlot(runId);
                return;
            }
        }

        // A run is not part of the request that starts it: no user, trace or audit scope flows into it.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => ExecuteAsync(runId, started));
        }
    }

    /// <summary>Queues a parked run again.</summary>
    internal async Task WakeAsync(string runId, CancellationToken cancellationToken)
    {
        // A parked run may still be leaving: it is queued again once it has left.
        if (
            await unfinished.FindWaitingAsync(runId, cancellationToken) is { } run
            && !(_running.TryGetValue(runId, out var leaving) && leaving.TryRunAgain())
        )
        {
            Enqueue(run);
        }
    }

    /// <summary>Starts nothing new; attempts in flight get <paramref name="grace"/> to end, then are interrupted.</summary>
    internal async Task StopAsync(TimeSpan grace)
    {
        _stopping = true;
        executions.Stop();
        await WaitUntilIdleAsync(grace);
        executions.Interrupt();
        await WaitUntilIdleAsync(TimeSpan.FromSeconds(5));
    }

    private async Task AdmitAndSweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(lease.SweepEvery, time);
        var sweep = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken before the check, so that a change during it is not missed.
            var (changed, freed) = (queue.Changed.Count, limiters.Freed.Count);
            if (sweep.IsCompleted)
            {
                sweep = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                await QueueLostAsync(stoppingToken);
            }

            await AdmitAsync();
            await WaitAsync(changed, freed, sweep, stoppingToken);
        }
    }

    private bool Enqueue(UnfinishedRun run) => queue.Add(run.Id, run.WorkflowId, run.Priority, queuedAt: run.QueuedAt);

    private async Task ExecuteAsync(string runId, RunTask running)
    {
        DateTime? resumeAt = null;
        try
        {
            resumeAt = await executions.ExecuteAsync(runId);
        }
        catch (Exception exception)
        {
            log.LogError(exception, "The task of run {Run} failed; the run will resume once its lease expires", runId);
        }

        _running.TryRemove(new KeyValuePair<string, RunTask>(runId, running));
        queue.ReleaseSlot(runId);
        try
        {
            if (running.End())
            {
                await WakeAsync(runId, CancellationToken.None);
            }
            else if (resumeAt is { } at)
            {
                await wakeups.ScheduleAsync(runId, at);
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Run {Run} could not be queued again; the next sweep will retry", runId);
        }
    }

    private async Task AdmitAsync()
    {
        try
        {
            if (_stopping)
            {
                return;
            }

            foreach (var runId in await queue.AdmitAsync())
            {
                Start(runId);
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Waiting runs could not be started; the next sweep will retry");
        }
    }

    private async Task QueueLostAsync(CancellationToken cancellationToken)
    {
        if (!queue.MirrorsRows)
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            foreach (var run in await unfinished.ListLostAsync(now, queuedBefore: now - lease.SweepEvery, cancellationToken))
            {
                if (!IsRunning(run.Id) && Enqueue(run) && run.Status == RunStatus.Running)
                {
                    log.LogWarning("Run {Run} lost its executor and resumes on this host", run.Id);
                }
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(exception, "Could not look for lost runs; retrying in {Seconds} s", lease.SweepEvery.TotalSeconds);
        }
    }

    /// <summary>Beside the other loop, which may wait for the database.</summary>
    private async Task RenewLeasesAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = lease.RenewEvery;
            try
            {
                await lease.RenewAsync([.. _running.Keys], cancellationToken);
            }
            catch (Exception exception)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                pause = pause < AfterFailure ? pause : AfterFailure;
                log.LogWarning(exception, "Leases could not be renewed; retrying in {Seconds} s", pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Waits until a run is queued, a slot or a profile is free for a waiting run, the clock opens a profile, or the sweep is due.
    /// </summary>
    private async Task WaitAsync(long changed, long freed, Task sweep, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var opens = Timeout.InfiniteTimeSpan;
        if (queue.OpensAt() - time.GetUtcNow().UtcDateTime is { } wait && wait < lease.SweepEvery)
        {
            opens = wait > ShortestWait ? wait : ShortestWait;
        }

        await Task.WhenAny(
            sweep,
            queue.Changed.WaitAsync(changed, over.Token),
            limiters.Freed.WaitAsync(freed, over.Token),
            Task.Delay(opens, time, over.Token)
        );
        await over.CancelAsync();
    }

    private async Task WaitUntilIdleAsync(TimeSpan limit)
    {
        var start = time.GetTimestamp();
        while (!_running.IsEmpty && time.GetElapsedTime(start) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }
}
