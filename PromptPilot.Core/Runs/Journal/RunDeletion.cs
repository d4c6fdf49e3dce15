using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// Deletes runs and logs with their deliveries (unsent ones are sent first), inside a transaction that holds the write
/// gate: no one can pin, rate or retry between decision and deletion, and what was spent stays spent.
/// </summary>
internal static class RunDeletion
{
    public static async Task<RemovalPlan> DeleteRunsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> ids,
        bool ratedStay,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var runs = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => ids.Contains(run.Id))
            .Select(run => new RemovableRun(
                run.Id,
                run.FinishedAt != null,
                run.Pinned,
                db.ExecutionLogs.Any(log => log.RunId == run.Id && db.Feedback.Any(feedback => feedback.ExecutionId == log.Id))
            ))
            .ToListAsync(cancellationToken);
        var descents = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.ParentRunId != null && ids.Contains(run.ParentRunId))
            .Select(run => new RunLink(run.ParentRunId!, run.Id))
            .ToListAsync(cancellationToken);
        var plan = RunRemoval.Decide(runs, descents, ratedStay);
        if (plan.Goes.Count > 0)
        {
            var goes = plan.Goes;
            var logs = db.ExecutionLogs.Where(log => log.RunId != null && goes.Contains(log.RunId));
            await SpentSums.KeepAsync(db, logs, now, cancellationToken);
            await db
                .HookDeliveries.Where(delivery => delivery.RunId != null && goes.Contains(delivery.RunId) && delivery.NextAttemptAt == null)
                .ExecuteDeleteAsync(cancellationToken);
            var removed = db.WorkflowRuns.Where(run => goes.Contains(run.Id));
            await new RollupRemoval(removed, logs).DeleteAsync(db, () => removed.ExecuteDeleteAsync(cancellationToken), cancellationToken);
        }

        return plan;
    }

    /// <summary>Deletes calls that belong to no run, unless they were rated.</summary>
    public static async Task<int> DeleteCallsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> ids,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var doomed = db.ExecutionLogs.Where(log =>
            ids.Contains(log.Id) && log.RunId == null && !db.Feedback.Any(feedback => feedback.ExecutionId == log.Id)
        );
        await SpentSums.KeepAsync(db, doomed, now, cancellationToken);
        return await new RollupRemoval(db.WorkflowRuns.Where(_ => false), doomed).DeleteAsync(
            db,
            () => doomed.ExecuteDeleteAsync(cancellationToken),
            cancellationToken
        );
    }
}
