using PromptPilot.Core.Runs;

namespace PromptPilot.Web.Features.Runs.List;

/// <summary>
/// Which rows of the list of runs are selected. Only what has ended can be; rows that the list no longer shows are deselected.
/// </summary>
public sealed class RunSelection
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    public int Count => _ids.Count;

    public static bool Allows(RunListItem run) => run.FinishedAt is not null;

    public bool Has(RunListItem run) => _ids.Contains(run.Id);

    public bool HasAll(IReadOnlyList<RunListItem> runs) => runs.Any(Allows) && runs.Where(Allows).All(Has);

    public void Set(RunListItem run, bool selected)
    {
        if (selected && Allows(run))
        {
            _ids.Add(run.Id);
        }
        else
        {
            _ids.Remove(run.Id);
        }
    }

    public void Clear() => _ids.Clear();

    /// <summary>Lets go of rows that are no longer shown.</summary>
    public void Keep(IReadOnlyList<RunListItem> shown) => _ids.IntersectWith(shown.Select(run => run.Id));

    /// <summary>The selected ids in list order: newest first, so that a retry comes before its parent.</summary>
    public IReadOnlyList<string> In(IReadOnlyList<RunListItem> shown) => [.. shown.Where(Has).Select(run => run.Id)];
}
