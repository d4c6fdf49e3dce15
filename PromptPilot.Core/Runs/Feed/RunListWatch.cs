using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>A viewer of the list of runs.</summary>
public sealed class RunListWatch : IDisposable
{
    private readonly ChangeSignal _changed;
    private long _seen;

    internal RunListWatch(ChangeSignal signal)
    {
        _changed = signal;
        _seen = signal.Count;
    }

    /// <summary>Completes when any run has changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await _changed.WaitAsync(_seen, cancellationToken);
        _seen = _changed.Count;
    }

    /// <summary>Releases nothing. Exists so that all watches are disposed alike.</summary>
    public void Dispose() { }
}
