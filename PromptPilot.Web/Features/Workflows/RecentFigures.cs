using PromptPilot.Core.Runs;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>Statistics of a workflow's newest runs, without test runs of drafts.</summary>
/// <param name="Ended">The number of runs that ended, without cancelled ones.</param>
/// <param name="Cancelled">The number of cancelled runs, which no other figure includes.</param>
/// <param name="Success">0 to 1. Null where no run has succeeded or failed.</param>
/// <param name="Milliseconds">The median of those that succeeded.</param>
/// <param name="Cost">The median of those that succeeded, in nano-USD.</param>
internal sealed record RecentFigures(int Ended, int Cancelled, double? Success, long? Milliseconds, long? Cost)
{
    public static RecentFigures Of(IEnumerable<RunListItem> runs)
    {
        var ended = runs.Where(run => run is { IsDraft: false, Status: not (RunStatus.Queued or RunStatus.Running or RunStatus.Waiting) })
            .ToList();
        var succeeded = ended.Where(run => run.Status == RunStatus.Succeeded).ToList();
        var cancelled = ended.Count(run => run.Status == RunStatus.Cancelled);
        var judged = ended.Count - cancelled;
        return new RecentFigures(
            judged,
            cancelled,
            judged == 0 ? null : (double)succeeded.Count / judged,
            Median([.. succeeded.Select(run => run.DurationMs).OfType<long>()]),
            Median([.. succeeded.Select(run => run.Cost)])
        );
    }

    private static long? Median(List<long> values)
    {
        values.Sort();
        return values.Count switch
        {
            0 => null,
            var count when count % 2 == 1 => values[count / 2],
            var count => (values[(count / 2) - 1] + values[count / 2]) / 2,
        };
    }
}
