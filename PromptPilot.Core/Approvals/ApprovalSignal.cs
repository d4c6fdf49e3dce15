using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Approvals;

/// <summary>Signals pages that a change request was created, commented on or decided.</summary>
public sealed class ApprovalSignal
{
    internal ChangeSignal Changed { get; } = new();
}

/// <summary>Follows change requests.</summary>
public sealed class ApprovalWatch(ApprovalSignal signal)
{
    private long _seen = signal.Changed.Count;

    /// <summary>Completes when something has changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await signal.Changed.WaitAsync(_seen, cancellationToken);
        _seen = signal.Changed.Count;
    }
}
