namespace PromptPilot.Core.Runs.Retention;

/// <summary>What has to be known of a run to decide whether it may go.</summary>
internal sealed record RemovableRun(string Id, bool IsFinished, bool IsPinned, bool IsRated);

/// <summary>A run that was made from another one, and may refer to its results.</summary>
internal readonly record struct RunDescent(string ParentId, string ChildId);

/// <summary>What becomes of runs that were to be removed.</summary>
/// <param name="Kept">By run id: why it stays and what to do, one sentence or two.</param>
internal sealed record RemovalPlan(IReadOnlyList<string> Goes, IReadOnlyDictionary<string, string> Kept);

/// <summary>
/// Decides which runs may go. A retry or fork refers to results of its ancestors, so a run stays as long as one that was made from it does.
/// </summary>
internal static class RunRemoval
{
    public const string Unfinished = "This run has not ended yet. Cancel it first.";
    public const string Pinned = "This run is pinned. Unpin it first.";
    public const string Rated = "An output of this run is rated.";

    /// <param name="runs">Those that are to go.</param>
    /// <param name="descents">All descents from them, whether the child is to go too or not.</param>
    /// <param name="ratedStay">Whether ratings protect a run: from the retention they do, from a person who deletes it they do not.</param>
    public static RemovalPlan Decide(IReadOnlyList<RemovableRun> runs, IReadOnlyList<RunDescent> descents, bool ratedStay)
    {
        var kept = runs.Select(run =>
                (
                    run.Id,
                    Reason: !run.IsFinished ? Unfinished
                    : run.IsPinned ? Pinned
                    : ratedStay && run.IsRated ? Rated
                    : null
                )
            )
            .Where(run => run.Reason is not null)
            .ToDictionary(run => run.Id, run => run.Reason!, StringComparer.Ordinal);
        var wanted = runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        var parents = descents.ToDictionary(descent => descent.ChildId, descent => descent.ParentId, StringComparer.Ordinal);

        // From what stays up to its ancestors.
        var staying = new Queue<string>(parents.Keys.Where(child => !wanted.Contains(child)).Concat(kept.Keys));
        while (staying.TryDequeue(out var child))
        {
            if (parents.TryGetValue(child, out var parent) && wanted.Contains(parent) && kept.TryAdd(parent, Reused(child)))
            {
                staying.Enqueue(parent);
            }
        }

        return new RemovalPlan([.. runs.Select(run => run.Id).Where(id => !kept.ContainsKey(id))], kept);
    }

    private static string Reused(string childId) => $"Run {childId} reuses results of this run. Delete that run first.";
}
