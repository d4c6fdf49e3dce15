using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Approvals;

/// <summary>Signals pages that a change request was created, commented on or decided.</summary>
public sealed class ApprovalSignal
{
    internal ChangeSignal Changed { get; } = new();
}

/// <summary>Follows change requests, and the experiments that they wait for.</summary>
public sealed class ApprovalWatch(ApprovalSignal signal, ExperimentSignal experiments)
{
    private long _seen = signal.Changed.Count;
    private long _seenOfExperiments = experiments.Changed.Count;

    /// <summary>Completes when something has changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(
            signal.Changed.WaitAsync(_seen, waiting.Token),
            experiments.Changed.WaitAsync(_seenOfExperiments, waiting.Token)
        );
        cancellationToken.ThrowIfCancellationRequested();
        await waiting.CancelAsync();
        (_seen, _seenOfExperiments) = (signal.Changed.Count, experiments.Changed.Count);
    }
}
