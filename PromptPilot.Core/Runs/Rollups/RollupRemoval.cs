using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>The rows that a deletion removes: runs with their logs and ratings.</summary>
internal sealed record RollupRemoval(IQueryable<WorkflowRun> Runs, IQueryable<ExecutionLog> Logs)
{
    /// <summary>
    /// Deletes rows and keeps their sums. All deletions of runs and logs go through here, in a transaction that holds the write gate.
    /// </summary>
    public async Task<int> DeleteAsync(PromptPilotDbContext db, Func<Task<int>> delete, CancellationToken cancellationToken)
    {
        var places = new List<(RollupSource Source, RollupProgress Progress, long Number)>();
        foreach (var source in RollupSource.All)
        {
            var progress = await source.ProgressAsync(db, cancellationToken);
            if (await source.NumberAsync(db, progress.Last, cancellationToken) is not { } number)
            {
                await source.ResetAsync(db, cancellationToken);
                number = 0;
            }

            await source.KeepAsync(db, this, number, cancellationToken);
            places.Add((source, progress, number));
        }

        var deleted = await delete();
        foreach (var (source, progress, number) in places)
        {
            // The last counted row may be gone and its row id reused, so the progress moves back to the last counted row that remains.
            progress.Last = await source.KeyAsync(db, number, cancellationToken);
            progress.Revision++;
        }

        await db.SaveChangesAsync(cancellationToken);
        return deleted;
    }
}
