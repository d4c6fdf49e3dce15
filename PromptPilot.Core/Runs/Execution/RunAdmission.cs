namespace PromptPilot.Core.Runs.Execution;

/// <summary>A run that waits for a slot.</summary>
/// <param name="Sequence">The order in which runs were queued.</param>
internal sealed record QueuedRun(string RunId, string WorkflowId, RunPriority Priority, long Sequence);

/// <summary>Picks which runs start. Pure: the same queue and slots give the same answer.</summary>
internal static class RunAdmission
{
    /// <summary>Who is first: a person waiting before webhook before schedule, then who has waited longest.</summary>
    public static readonly IComparer<QueuedRun> Order = Comparer<QueuedRun>.Create((left, right) =>
        left.Priority != right.Priority ? right.Priority.CompareTo(left.Priority) : left.Sequence.CompareTo(right.Sequence));

    /// <summary>The runs that may start now, first first.</summary>
    /// <param name="waiting">Sorted by <see cref="Order"/>.</param>
    public static IReadOnlyList<QueuedRun> Pick(SortedSet<QueuedRun> waiting, int freeSlots) => freeSlots <= 0 ? [] : [.. waiting.Take(freeSlots)];
}
