using Microsoft.Extensions.Logging;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Executes one run in data-flow order: a step starts as soon as what it reads is committed, and steps that do not read each other run at
/// the same time.
/// One loop decides; attempts run beside it and only report their end.
/// </summary>
internal sealed class RunExecutor(
    RunProgress progress,
    RunAdvance advance,
    RunMailbox mailbox,
    RunJournal journal,
    RunFeed feed,
    StepRunner steps,
    ProfileLimiters limiters,
    HostLease lease,
    RunsOptions options,
    TimeProvider time,
    ILogger<RunExecutor> log
) : IDisposable
{
    private readonly AttemptStop _stop = new();
    private readonly List<RunMessage.Request> _requests = [];
    private readonly List<(BudgetReservation Reservation, long Cost)> _reservations = [];
    private DateTime? _idleSince;
    private DateTime _lookedAt;
    private long _freedSeen;
    private volatile bool _stopping;

    public string RunId => progress.Run.Id;

    /// <summary>Starts nothing new; what is in flight may end.</summary>
    public void Stop()
    {
        _stopping = true;
        mailbox.TryPost(new RunMessage.Nudge());
    }

    /// <summary>Ends what is in flight as <c>interrupted</c>.</summary>
    public void Interrupt() => _stop.Interrupted();

    /// <summary>Runs until the run ends or parks, the host stops or the lease is lost.</summary>
    public async Task ExecuteAsync()
    {
        var live = feed.Hold(RunId);
        try
        {
            live.Publish(progress.State);
            if (!progress.IsClaimed)
            {
                progress.Claim(lease.Owner, lease.Until());
                progress.CloseOpenAttempts();
            }

            if (!progress.State.HasOpenAttempts && !await GoOnAsync())
            {
                return;
            }

            while (progress.Run.LeaseOwner is not null)
            {
                StartOpenAttempts(live);
                await WaitAsync();
                Hear();
                if (!await GoOnAsync())
                {
                    return;
                }
            }

            CompleteTexts(live);
        }
        finally
        {
            _stop.Interrupted();
            mailbox.Close();
            Answer(isCommitted: false);
            Settle();
            feed.Release(live);
        }
    }

    public void Dispose() => _stop.Dispose();

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Waits for a signal, or for the clock where that changes what can be done.</summary>
    private async Task WaitAsync()
    {
        var due = progress.State.NextDue(_lookedAt);
        if (due is null && advance.Full.Count == 0)
        {
            await mailbox.WaitAsync(CancellationToken.None);
            return;
        }

        // A profile without room opens with time or when a call of somebody ends; the clock looks again in any case.
        using var ended = new CancellationTokenSource();
        var until =
            advance.Full.Select(limiters.OpensAt).Append(due).Append(advance.Full.Count > 0 ? Now + options.ParkAfter : null).Min() ?? Now;
        var waits = new List<Task>(3)
        {
            mailbox.WaitAsync(ended.Token).AsTask(),
            Task.Delay(until > Now ? Shortest(until - Now) : TimeSpan.Zero, time, ended.Token),
        };
        if (advance.Full.Count > 0)
        {
            waits.Add(limiters.Freed.WaitAsync(_freedSeen, ended.Token));
        }

        await Task.WhenAny(waits);
        await ended.CancelAsync();
    }

    /// <summary>Timers hold at most about 49 days.</summary>
    private static TimeSpan Shortest(TimeSpan wait) => wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1);

    /// <summary>Takes in what happened meanwhile.</summary>
    private void Hear()
    {
        while (mailbox.TryRead(out var message))
        {
            switch (message)
            {
                case RunMessage.Ended ended:
                    advance.End(ended.Result.Log, ended.Result.RetryAfter);
                    if (ended.Result.Reservation is { } reservation)
                    {
                        _reservations.Add((reservation, ended.Result.Log.Cost));
                    }

                    break;
                case RunMessage.Broken broken:
                    throw new InvalidOperationException("An attempt broke off by a bug.", broken.Exception);
                case RunMessage.Cancel cancel:
                    if (!progress.State.CancelRequested)
                    {
                        progress.Add(RunEventType.CancelRequested, payload: new RunEventPayload { By = cancel.By });
                    }

                    _stop.Cancelled();
                    _requests.Add(cancel);
                    break;
                case RunMessage.Answer answer
                    when progress.State.Steps.Any(step => step.StepId == answer.StepId && step.Review is { IsOpen: true }):
                    advance.Answer(answer.StepId, answer.Verdict, answer.Output, answer.Reason, answer.By);
                    _requests.Add(answer);
                    break;
                case RunMessage.Answer late:
                    late.Complete(isCommitted: false);
                    break;
            }
        }
    }

    /// <summary>Adds what follows, and commits it. False: the run is not this executor's any more.</summary>
    private async Task<bool> GoOnAsync()
    {
        // Taken before the look: what becomes due or free during it is not slept through.
        _freedSeen = limiters.Freed.Count;
        _lookedAt = Now;
        if (progress.State.IsPastDeadline(_lookedAt))
        {
            _stop.RunTimedOut();
        }

        var isCommitted = false;
        try
        {
            if (!_stopping)
            {
                await advance.AdvanceAsync(_lookedAt);
            }

            Conclude();
            isCommitted = await CommitAsync();
        }
        finally
        {
            Answer(isCommitted);
            Settle();
            if (isCommitted)
            {
                advance.HandOverPermits();
            }
            else
            {
                advance.ReleasePermits();
            }
        }

        return isCommitted;
    }

    /// <summary>Ends the run, parks it, leaves it to the next start, or lets it wait here.</summary>
    private void Conclude()
    {
        DateTime? opensAt = advance.Full.Count == 0 ? null : advance.Full.Select(limiters.OpensAt).Max() ?? _lookedAt + options.ParkAfter;
        switch (RunDecision.PhaseOf(progress.State, _lookedAt, opensAt))
        {
            case RunPhase.InFlight:
                _idleSince = null;
                break;
            case RunPhase.Ended:
                progress.ReleaseLease();
                progress.Add(RunEventType.Finished, payload: RunDecision.End(progress.State, _lookedAt));
                break;
            case RunPhase.Waiting when _stopping:
                progress.ReleaseLease();
                break;
            case RunPhase.Waiting open:
                _idleSince ??= _lookedAt;
                if (open.Until is not { } soon || soon - _idleSince > options.ParkAfter)
                {
                    progress.ReleaseLease();
                    progress.Add(RunEventType.Parked, payload: new RunEventPayload { Until = open.Until, Reason = WaitReason() });
                }

                break;
            case RunPhase.Stuck when !_stopping:
                progress.ReleaseLease();
                progress.Add(RunEventType.Finished, payload: RunDecision.End(progress.State, _lookedAt));
                break;
            default:
                progress.ReleaseLease();
                break;
        }
    }

    private string WaitReason() =>
        progress.State.OpenReviews > 0 ? "Waits for a review."
        : advance.Full.Count > 0 ? "Waits until its model profile takes more calls."
        : "Waits before the next attempt.";

    /// <summary>Once the logs are committed, so that whoever adds them up misses none.</summary>
    private void Settle()
    {
        foreach (var (reservation, cost) in _reservations)
        {
            reservation.Settle(cost);
        }

        _reservations.Clear();
    }

    private void Answer(bool isCommitted)
    {
        foreach (var request in _requests)
        {
            request.Complete(isCommitted);
        }

        _requests.Clear();
    }

    private async Task<bool> CommitAsync()
    {
        if (!progress.HasNews)
        {
            return true;
        }

        if (progress.Run.LeaseOwner is not null)
        {
            // Each commit renews the lease; an old time in it would undo the renewal in between.
            progress.Run.LeaseUntil = lease.Until();
        }

        var result = await progress.CommitAsync(journal, feed);
        if (result == AppendResult.Committed)
        {
            return true;
        }

        log.LogWarning("Run {Run} is left alone: {Result}", RunId, result);
        return false;
    }

    private void StartOpenAttempts(LiveRun live)
    {
        foreach (var step in progress.State.Steps)
        {
            foreach (var attempt in step.Attempts)
            {
                var key = new AttemptKey(step.StepId, attempt.ItemIndex, attempt.Attempt);
                if (!attempt.IsOpen)
                {
                    live.TextOf(key)?.Complete();
                }
                else if (live.TextOf(key) is null)
                {
                    Start(live, key);
                }
            }
        }
    }

    private void CompleteTexts(LiveRun live)
    {
        foreach (var step in progress.State.Steps)
        {
            foreach (var attempt in step.Attempts)
            {
                live.TextOf(new AttemptKey(step.StepId, attempt.ItemIndex, attempt.Attempt))?.Complete();
            }
        }
    }

    private void Start(LiveRun live, AttemptKey key)
    {
        var text = live.Open(key);
        var order = new AttemptRequest(progress.Run, progress.Plan.Step(key.StepId), key, advance.ContextOf(key), progress.State.Cost);
        _ = Task.Run(async () =>
        {
            try
            {
                var result = await steps.AttemptAsync(order, text, live.Changed.Raise, _stop);
                if (!mailbox.TryPost(new RunMessage.Ended(result)))
                {
                    result.Reservation?.Settle(result.Log.Cost);
                }
            }
            catch (Exception exception)
            {
                mailbox.TryPost(new RunMessage.Broken(exception));
            }
        });
    }
}
