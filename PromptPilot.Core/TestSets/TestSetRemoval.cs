using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.TestSets;

/// <summary>Removes a test set with its experiments and their runs.</summary>
internal static class TestSetRemoval
{
    /// <summary>Removes the set, in the caller's transaction, and saves it.</summary>
    /// <param name="set">Tracked.</param>
    /// <returns>Conflict while an experiment of it runs.</returns>
    public static async Task<Problem?> RemoveAsync(PromptPilotDbContext db, TestSet set, DateTime now, CancellationToken cancellationToken)
    {
        // The workflow of its experiments goes with it, and with that their runs.
        var workflows = db.Workflows.IgnoreQueryFilters().Where(w => w.TestSetId == set.Id).Select(w => w.Id);
        if (await db.WorkflowRuns.AnyAsync(run => workflows.Contains(run.WorkflowId) && run.FinishedAt == null, cancellationToken))
        {
            return Problem.Conflict(
                set.IsBatch
                    ? "Some rows of this batch are still running. Cancel it and wait for them to end, then delete it."
                    : "An experiment of this test set is running. Cancel it, then delete the set."
            );
        }

        var logs = db.ExecutionLogs.Where(log => workflows.Any(id => id == log.WorkflowId));
        await SpentSums.KeepAsync(db, logs, now, cancellationToken);
        var removal = new RollupRemoval(db.WorkflowRuns.Where(run => workflows.Contains(run.WorkflowId)), logs);
        await removal.DeleteAsync(
            db,
            () => db.Workflows.IgnoreQueryFilters().Where(w => w.TestSetId == set.Id).ExecuteDeleteAsync(cancellationToken),
            cancellationToken
        );
        db.TestSets.Remove(set);
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }
}
