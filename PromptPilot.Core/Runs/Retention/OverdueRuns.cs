using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>Finds the runs that a rule no longer keeps. Each query walks an index from the oldest run on.</summary>
internal static class OverdueRuns
{
    /// <summary>
    /// The ended runs of a workflow that are too old or too many, without the rated and the pinned ones. Those that others were made from
    /// are among them.
    /// </summary>
    /// <returns>Up to three queries, which may overlap.</returns>
    public static async Task<IReadOnlyList<IQueryable<WorkflowRun>>> OfAsync(
        PromptPilotDbContext db,
        string workflowId,
        RetentionRule rule,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var free = db
            .WorkflowRuns.AsNoTracking()
            .Where(run =>
                run.WorkflowId == workflowId
                && run.FinishedAt != null
                && !run.Pinned
                && !db.ExecutionLogs.Any(log => log.RunId == run.Id && db.Feedback.Any(feedback => feedback.ExecutionId == log.Id))
            );
        var overdue = new List<IQueryable<WorkflowRun>>();
        if (rule.Days is { } days)
        {
            // A run was queued before it ended: the first condition finds the place in the index.
            var before = now.AddDays(-days);
            overdue.Add(free.Where(run => run.QueuedAt < before && run.FinishedAt < before));
        }

        if (rule.Runs is not { } count)
        {
            return overdue;
        }

        // Test runs have a separate count, so that an afternoon of testing does not displace real runs.
        foreach (var alike in new[] { free.Where(run => !run.IsDraft), free.Where(run => run.IsDraft) })
        {
            if (
                await alike
                    .OrderByDescending(run => run.QueuedAt)
                    .ThenByDescending(run => run.Id)
                    .Skip(count)
                    .Select(run => new { run.QueuedAt, run.Id })
                    .FirstOrDefaultAsync(cancellationToken) is
                { } first
            )
            {
                overdue.Add(
                    alike.Where(run => run.QueuedAt <= first.QueuedAt && (run.QueuedAt < first.QueuedAt || run.Id.CompareTo(first.Id) <= 0))
                );
            }
        }

        return overdue;
    }

    /// <summary>Unrated calls outside runs that were made before a time.</summary>
    public static IQueryable<ExecutionLog> Calls(PromptPilotDbContext db, DateTime before) =>
        db
            .ExecutionLogs.AsNoTracking()
            .Where(log => log.RunId == null && log.Timestamp < before && !db.Feedback.Any(feedback => feedback.ExecutionId == log.Id));
}
