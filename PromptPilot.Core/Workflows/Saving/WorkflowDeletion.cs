using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Saving;

/// <summary>Deletes a workflow with its runs and their logs.</summary>
internal static class WorkflowDeletion
{
    /// <returns>A problem while a run is unfinished, or while the workflow is protected.</returns>
    public static async Task<Result<Done>> DeleteAsync(
        PromptPilotDbContext db,
        string id,
        int? ifRevision,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var found = await db
            .Workflows.Where(w => w.Id == id)
            .Select(w => new { w.Name, w.Revision })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || (ifRevision is not null && ifRevision != found.Revision))
        {
            return found is null ? Problem.NotFound("workflow") : Problem.Stale("workflow");
        }

        if (await db.Protections.AnyAsync(p => p.WorkflowId == id, cancellationToken))
        {
            return Problem.Conflict($"“{found.Name}” is protected, so it was not deleted. Ask an admin to remove the protection first.");
        }

        if (
            await db.WorkflowRuns.AnyAsync(
                r => r.WorkflowId == id && (r.Status == RunStatus.Queued || r.Status == RunStatus.Running || r.Status == RunStatus.Waiting),
                cancellationToken
            )
        )
        {
            return Problem.Conflict("A run of this workflow is not finished. Cancel it or wait for it, then delete the workflow.");
        }

        var logs = db.ExecutionLogs.Where(entry => entry.WorkflowId == id);
        await SpentSums.KeepAsync(db, logs, now, cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(AuditAction.Deleted, AuditCatalog.Workflow, id, found.Name));
        await db.SaveChangesAsync(cancellationToken);
        var removal = new RollupRemoval(db.WorkflowRuns.Where(run => run.WorkflowId == id), logs);
        await removal.DeleteAsync(db, () => db.Workflows.Where(w => w.Id == id).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        return default(Done);
    }
}
