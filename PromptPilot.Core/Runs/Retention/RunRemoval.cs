namespace PromptPilot.Core.Runs.Retention;

/// <summary>The facts that decide if a run can be deleted.</summary>
internal sealed record RemovableRun(string Id, bool IsFinished, bool IsPinned, bool IsRated);

/// <summary>A run that was made from another one, and may refer to its results.</summary>
internal readonly record struct RunLink(string ParentId, string ChildId);

/// <summary>The runs to delete and those to keep.</summary>
/// <param name="Kept">By run id: the reason and what to do, in one or two sentences.</param>
internal sealed record RemovalPlan(IReadOnlyList<string> Goes, IReadOnlyDictionary<string, string> Kept);

/// <summary>
/// Decides which runs can be deleted. A retry or fork refers to results of its ancestors, so a run is kept as long as its descendants.
/// </summary>
internal static class RunRemoval
{
    public const string Unfinished = "This run has not ended yet. Cancel it first.";
    public const string Pinned = "This run is pinned. Unpin it first.";
    public const string Rated = "An output of this run is rated.";

    /// <param name="runs">The runs to delete.</param>
    /// <param name="descents">All links to runs made from them, including those to be deleted too.</param>
    /// <param name="ratedStay">True: ratings protect a run. Retention keeps rated runs; a person can delete them.</param>
    public static RemovalPlan Decide(IReadOnlyList<RemovableRun> runs, IReadOnlyList<RunLink> descents, bool ratedStay)
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

        // From the runs that stay up to their ancestors.
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
