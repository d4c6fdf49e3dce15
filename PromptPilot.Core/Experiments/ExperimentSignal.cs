using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Experiments;

/// <summary>Tells the runner that there is something to do, and pages that results have changed.</summary>
public sealed class ExperimentSignal
{
    /// <summary>An experiment was started, resumed or cancelled.</summary>
    internal ChangeSignal Asked { get; } = new();

    /// <summary>A call was started or has ended.</summary>
    internal ChangeSignal Changed { get; } = new();

    internal void Raise()
    {
        Asked.Raise();
        Changed.Raise();
    }
}

/// <summary>Follows the results of experiments.</summary>
public sealed class ExperimentWatch(ExperimentSignal signal)
{
    private long _seen = signal.Changed.Count;

    /// <summary>Completes when something has changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await signal.Changed.WaitAsync(_seen, cancellationToken);
        _seen = signal.Changed.Count;
    }
}
