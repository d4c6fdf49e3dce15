using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments;

/// <summary>Removes the runs of experiments whose test set is gone, as it goes with its prompt.</summary>
internal sealed class ExperimentCleaning(Operations operations, TimeProvider time) : ICleaning
{
    Task ICleaning.CleanAsync(CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            Actor.System,
            Permission.Admin,
            async (db, _) =>
            {
                var left = await db
                    .Workflows.IgnoreQueryFilters()
                    .Where(w =>
                        w.TestSetId != null
                        && !db.TestSets.Any(set => set.Id == w.TestSetId)
                        && !db.WorkflowRuns.Any(run => run.WorkflowId == w.Id && run.FinishedAt == null)
                    )
                    .Select(w => w.Id)
                    .ToListAsync(cancellationToken);
                foreach (var id in left)
                {
                    var now = time.GetUtcNow().UtcDateTime;
                    var logs = db.ExecutionLogs.Where(log => log.WorkflowId == id);
                    await SpentSums.KeepAsync(db, logs, now, cancellationToken);
                    var removal = new RollupRemoval(db.WorkflowRuns.Where(run => run.WorkflowId == id), logs);
                    await removal.DeleteAsync(
                        db,
                        () => db.Workflows.IgnoreQueryFilters().Where(w => w.Id == id).ExecuteDeleteAsync(cancellationToken),
                        cancellationToken
                    );
                }

                return default(Done);
            },
            cancellationToken
        );
}
