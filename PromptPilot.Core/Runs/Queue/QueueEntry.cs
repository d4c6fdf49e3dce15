namespace PromptPilot.Core.Runs.Queue;

/// <summary>A run that waits for a slot.</summary>
/// <param name="Sequence">Tells runs apart that were queued at the same moment.</param>
/// <param name="QueuedAt">Start of its waiting time (UTC).</param>
/// <param name="ProfileId">The model profile that its next call needs; null when that is not known yet.</param>
internal sealed record QueueEntry(
    string RunId,
    string WorkflowId,
    RunPriority Priority,
    long Sequence,
    DateTime QueuedAt = default,
    string? ProfileId = null
)
{
    /// <summary>The run that has waited longest is first.</summary>
    public static readonly IComparer<QueueEntry> ByAge = Comparer<QueueEntry>.Create(
        (left, right) => left.QueuedAt != right.QueuedAt ? left.QueuedAt.CompareTo(right.QueuedAt) : left.Sequence.CompareTo(right.Sequence)
    );
}
