using Microsoft.Extensions.Logging;
using PromptPilot.Core.Runs.Budgets;
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
    RunAdvance advance,
    RunAttempts attempts,
    RunMailbox mailbox,
    RunCommitter committer,
    ProfileLimiters limiters,
    RunsOptions options,
    TimeProvider time,
    ILogger<RunExecutor> log
)
{
    private readonly RunProgress _progress = advance.Progress;
    private readonly List<RunMessage.Request> _requests = [];
    private readonly List<(BudgetReservation Reservation, long Cost)> _reservations = [];
    private DateTime? _idleSince;
    private DateTime _lookedAt;
    private long _freedSeen;
    private volatile bool _stopping;

    /// <summary>Starts nothing new; attempts in flight may end.</summary>
    public void Stop()
    {
        _stopping = true;
        mailbox.TryPost(new RunMessage.LookAgain());
    }

    /// <summary>Ends attempts in flight as <c>interrupted</c>.</summary>
    public void Interrupt() => attempts.Interrupt();

    /// <summary>Executes until the run ends or parks, the host stops or the lease is lost.</summary>
    public async Task ExecuteAsync()
    {
        try
        {
            if (!_progress.IsClaimed)
            {
                committer.Claim(_progress);
                _progress.CloseOpenAttempts();
            }

            if (!_progress.State.HasOpenAttempts && !await AdvanceAsync())
            {
                return;
            }

            while (_progress.Run.LeaseOwner is not null)
            {
                attempts.StartCommitted();
                await WaitAsync();
                ProcessMessages();
                if (!await AdvanceAsync())
                {
                    return;
                }
            }

            attempts.StartCommitted();
        }
        finally
        {
            attempts.Interrupt();
            mailbox.Close();
            CompleteRequests(isCommitted: false);
            SettleReservations();
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Waits for a signal, or until a time at which more can be done.</summary>
    private async Task WaitAsync()
    {
        var due = _progress.State.NextDue(_lookedAt);
        if (due is null && advance.Full.Count == 0)
        {
            await mailbox.WaitAsync(CancellationToken.None);
            return;
        }

        // A full profile opens with time, or when a call of any run ends; the timer checks again in any case.
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

    /// <summary>Adds what was reported or requested in the meantime.</summary>
    private void ProcessMessages()
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
                    throw new InvalidOperationException("An attempt ended because of a bug.", broken.Exception);
                case RunMessage.Cancel cancel:
                    if (!_progress.State.CancelRequested)
                    {
                        _progress.Add(RunEventType.CancelRequested, payload: new RunEventPayload { By = cancel.By });
                    }

                    attempts.Cancel();
                    Handle(cancel);
                    break;
                case RunMessage.Answer answer
                    when _progress.State.Steps.Any(step => step.StepId == answer.StepId && step.Review is { IsOpen: true }):
                    advance.Answer(answer.StepId, answer.Verdict, answer.Output, answer.Reason, answer.By);
                    Handle(answer);
                    break;
                case RunMessage.Pin pin:
                    _progress.Pin(pin.IsPinned, pin.By);
                    Handle(pin);
                    break;
                case RunMessage.Answer late:
                    late.IsLate = true;
                    late.Complete(isCommitted: false);
                    break;
            }
        }
    }

    /// <summary>The request is answered, and its row deleted, with the next commit.</summary>
    private void Handle(RunMessage.Request request)
    {
        _requests.Add(request);
        if (request.SignalId is { } id)
        {
            _progress.AddSignal(id);
        }
    }

    /// <summary>Adds what follows, and commits it. False: the run no longer belongs to this executor.</summary>
    private async Task<bool> AdvanceAsync()
    {
        // Taken before the check, so that nothing that becomes due or free during it is missed.
        _freedSeen = limiters.Freed.Count;
        _lookedAt = Now;
        if (_progress.State.IsPastDeadline(_lookedAt))
        {
            attempts.TimeOut();
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
            CompleteRequests(isCommitted);
            SettleReservations();
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
        switch (RunDecision.PhaseOf(_progress.State, _lookedAt, opensAt))
        {
            case RunPhase.InFlight:
                _idleSince = null;
                break;
            case RunPhase.Ended:
                _progress.ReleaseLease();
                _progress.Add(RunEventType.Finished, payload: RunDecision.End(_progress.State, _lookedAt));
                break;
            case RunPhase.Waiting when _stopping:
                _progress.ReleaseLease();
                break;
            case RunPhase.Waiting open:
                _idleSince ??= _lookedAt;
                if (open.Until is not { } soon || soon - _idleSince > options.ParkAfter)
                {
                    _progress.ReleaseLease();
                    _progress.Add(RunEventType.Parked, payload: new RunEventPayload { Until = open.Until, Reason = WaitReason() });
                }

                break;
            case RunPhase.Stuck when !_stopping:
                _progress.ReleaseLease();
                _progress.Add(RunEventType.Finished, payload: RunDecision.End(_progress.State, _lookedAt));
                break;
            default:
                _progress.ReleaseLease();
                break;
        }
    }

    private string WaitReason() =>
        _progress.State.OpenReviews > 0 ? "Waiting for a review."
        : advance.Full.Count > 0 ? "Waiting for its model profile to accept more calls."
        : "Waiting for the next attempt.";

    /// <summary>Called once the logs are committed, so that a sum over them misses none.</summary>
    private void SettleReservations()
    {
        foreach (var (reservation, cost) in _reservations)
        {
            reservation.Settle(cost);
        }

        _reservations.Clear();
    }

    private void CompleteRequests(bool isCommitted)
    {
        foreach (var request in _requests)
        {
            request.Complete(isCommitted);
        }

        _requests.Clear();
    }

    private async Task<bool> CommitAsync()
    {
        var result = await committer.CommitAsync(_progress);
        if (result != AppendResult.Committed)
        {
            log.LogWarning("Run {Run} no longer belongs to this executor: {Result}", _progress.Run.Id, result);
        }

        return result == AppendResult.Committed;
    }
}
