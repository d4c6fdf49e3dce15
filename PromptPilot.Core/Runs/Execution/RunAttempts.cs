using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>The attempts of one run that are in flight: starts them, and ends them early. Each reports its end to the mailbox.</summary>
internal sealed class RunAttempts(StepRunner steps, RunAdvance advance, LiveRun live, RunMailbox mailbox) : IDisposable
{
    private readonly AttemptStop _stop = new();
    private readonly HashSet<AttemptKey> _inFlight = [];

    /// <summary>Ends attempts in flight as <c>cancelled</c>.</summary>
    public void Cancel() => _stop.Cancelled();

    /// <summary>Ends attempts in flight as <c>interrupted</c>.</summary>
    public void Interrupt() => _stop.Interrupted();

    /// <summary>Ends attempts in flight as <c>timeout</c> of the whole run.</summary>
    public void TimeOut() => _stop.RunTimedOut();

    /// <summary>
    /// Starts the attempts that were committed and are not in flight yet, and completes the texts of those that have ended.
    /// </summary>
    public void StartCommitted()
    {
        var open = advance
            .Progress.State.Steps.SelectMany(
                step => step.Calls.Open,
                (step, attempt) => new AttemptKey(step.StepId, attempt.ItemIndex, attempt.Attempt)
            )
            .ToHashSet();
        foreach (var key in _inFlight.Where(key => !open.Contains(key)).ToList())
        {
            live.TextOf(key)?.Complete();
            _inFlight.Remove(key);
        }

        foreach (var key in open.Where(_inFlight.Add))
        {
            Start(key);
        }
    }

    public void Dispose() => _stop.Dispose();

    private void Start(AttemptKey key)
    {
        var text = live.Open(key);
        var progress = advance.Progress;
        var request = new AttemptRequest(progress.Run, progress.Plan.Step(key.StepId), key, advance.ContextOf(key), progress.State.Cost)
        {
            Started = progress.State.Steps.First(step => step.StepId == key.StepId).Calls.Find(StepState.KeyOf(key.ItemIndex), key.Attempt),
        };
        _ = Task.Run(async () =>
        {
            try
            {
                var result = await steps.AttemptAsync(request, text, live.Changed.Raise, _stop);
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
