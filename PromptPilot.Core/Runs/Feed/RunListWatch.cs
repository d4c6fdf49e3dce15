using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>One viewer of the list of runs.</summary>
public sealed class RunListWatch : IDisposable
{
    private readonly ChangeSignal _changed;
    private long _seen;

    internal RunListWatch(ChangeSignal signal)
    {
        _changed = signal;
        _seen = signal.Count;
    }

    /// <summary>Waits until some run changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await _changed.WaitAsync(_seen, cancellationToken);
        _seen = _changed.Count;
    }

    /// <summary>Releases nothing; watches are disposed in the same way.</summary>
    public void Dispose() { }
}
