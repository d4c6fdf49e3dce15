using System.Collections.Concurrent;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>
/// A run as it is in memory while somebody executes or watches it: the newest committed fold, and the texts that are arriving.
/// </summary>
internal sealed class LiveRun(string runId)
{
    private readonly ConcurrentDictionary<AttemptKey, LiveText> _texts = [];
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunState? _view;
    private bool? _pinned;

    public string RunId { get; } = runId;

    public Pulse Pulse { get; } = new();

    /// <summary>Completes when a finished fold is shown.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Who keeps it in memory; guarded by the feed.</summary>
    public int Holders { get; set; }

    public RunState? View => Volatile.Read(ref _view);

    /// <summary>Shows a committed fold. An older one than is shown is ignored.</summary>
    public void Publish(RunState view)
    {
        lock (_lock)
        {
            if (_view is not null && _view.LastSeq >= view.LastSeq)
            {
                return;
            }

            Volatile.Write(ref _view, _pinned is { } pinned && pinned != view.Pinned ? view with { Pinned = pinned } : view);
        }

        if (view.IsFinished)
        {
            _ended.TrySetResult();
        }

        Pulse.Beat();
    }

    /// <summary>Shows a pin. Whoever executes the run does not learn of it: it stays shown whatever fold comes next.</summary>
    public void Pin(bool pinned)
    {
        lock (_lock)
        {
            _pinned = pinned;
            if (_view is not null)
            {
                Volatile.Write(ref _view, _view with { Pinned = pinned });
            }
        }

        Pulse.Beat();
    }

    /// <summary>Starts the text of an attempt.</summary>
    public LiveText Open(AttemptKey key) => _texts.GetOrAdd(key, _ => new LiveText());

    public LiveText? TextOf(AttemptKey key) => _texts.GetValueOrDefault(key);
}
