using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>One viewer of one run. Holds cursors, not a queue: changes that a slow viewer has not read are merged, never dropped.</summary>
public sealed class RunWatch : IDisposable
{
    private readonly RunFeed _feed;
    private readonly LiveRun _run;
    private readonly Func<string, int?> _position;
    private long _seen;
    private bool _sawEnd;
    private bool _disposed;

    /// <param name="position">The run's position in the queue now.</param>
    internal RunWatch(RunFeed feed, LiveRun run, Func<string, int?> position)
    {
        _feed = feed;
        _run = run;
        _position = position;
        _seen = run.Changed.Count;
        State = run.State ?? throw new InvalidOperationException("Watch a run only once its state is loaded.");
        _sawEnd = State.IsFinished;
    }

    /// <summary>
    /// The newest fold, as of the last <see cref="NextAsync"/>. An open attempt has an empty text: see <see cref="TextOf"/>.
    /// </summary>
    public RunState State { get; private set; }

    /// <summary>
    /// The run's position in the queue now, from 1; null when it is not queued. Other runs move it without a change of this one.
    /// </summary>
    public int? QueuePosition => State.Status == RunStatus.Queued ? _position(_run.RunId) : null;

    /// <summary>
    /// The text of an attempt that is open or ended while the run is in memory; null where only the recorded text exists.
    /// </summary>
    public LiveText? TextOf(string stepId, int? itemIndex, int attempt) => _run.TextOf(new AttemptKey(stepId, itemIndex, attempt));

    /// <summary>The newest fold with the texts that have arrived so far in its open attempts.</summary>
    public RunState Snapshot() =>
        State.IsFinished
            ? State
            : State with
            {
                QueuePosition = QueuePosition,
                Steps =
                [
                    .. State.Steps.Select(step =>
                        step.Status != StepStatus.Running
                            ? step
                            : step with
                            {
                                Attempts = step.Calls.WithTexts(attempt =>
                                    WholeCharacters(TextOf(step.StepId, attempt.ItemIndex, attempt.Attempt)?.ToString() ?? "")
                                ),
                            }
                    ),
                ],
            };

    /// <summary>Waits until fold or text changed since the last call.</summary>
    /// <returns>False if the run has ended and everything was read.</returns>
    public async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (_sawEnd)
        {
            return false;
        }

        await _run.Changed.WaitAsync(_seen, cancellationToken);
        _seen = _run.Changed.Count;
        State = _run.State!;
        _sawEnd = State.IsFinished;
        return true;
    }

    /// <summary>Waits until the run has ended, at most for <paramref name="limit"/>. Tokens wake no waiter here.</summary>
    internal async Task WaitForEndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _run.Ended.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Not ended yet. The caller gets the current state.
        }

        State = _run.State!;
        _sawEnd = State.IsFinished;
    }

    /// <summary>Without half a surrogate pair at the end: its other half is still on its way.</summary>
    private static string WholeCharacters(string text) => text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[..^1] : text;

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _feed.Release(_run);
        }
    }
}
