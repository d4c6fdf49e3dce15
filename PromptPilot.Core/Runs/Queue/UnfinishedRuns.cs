using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>A run that has not ended, as the queue needs it.</summary>
/// <param name="QueuedAt">UTC.</param>
/// <param name="ResumeAt">For a parked run: the time at which it resumes automatically (UTC).</param>
internal sealed record UnfinishedRun(
    string Id,
    string WorkflowId,
    RunPriority Priority,
    DateTime QueuedAt,
    RunStatus Status,
    DateTime? ResumeAt
);

/// <summary>Reads the runs that the queue in memory should contain. The rows are the source of truth.</summary>
public sealed class UnfinishedRuns(IDbContextFactory<PromptPilotDbContext> contexts)
{
    /// <summary>A long queue is in memory already; a sweep looks for exceptions.</summary>
    private const int MaxLost = 1000;

    /// <summary>All runs that continue without a person, oldest first.</summary>
    internal Task<List<UnfinishedRun>> ListAsync(CancellationToken cancellationToken) =>
        ListAsync(
            runs =>
                runs.Where(run =>
                    run.Status == RunStatus.Queued
                    || run.Status == RunStatus.Running
                    || (run.Status == RunStatus.Waiting && run.ResumeAt != null)
                ),
            cancellationToken
        );

    /// <summary>
    /// Runs that should be queued and may not be: running ones whose lease has expired, parked ones that are due, and those queued before a
    /// time. Oldest first, at most 1,000.
    /// </summary>
    /// <param name="now">UTC.</param>
    internal Task<List<UnfinishedRun>> ListLostAsync(DateTime now, DateTime queuedBefore, CancellationToken cancellationToken) =>
        ListAsync(
            runs =>
                runs.Where(run =>
                        (run.Status == RunStatus.Running && (run.LeaseUntil == null || run.LeaseUntil < now))
                        || (run.Status == RunStatus.Waiting && run.ResumeAt <= now)
                        || (run.Status == RunStatus.Queued && run.QueuedAt < queuedBefore)
                    )
                    .OrderBy(run => run.QueuedAt)
                    .Take(MaxLost),
            cancellationToken
        );

    /// <summary>A run that is queued or parked; null when it is neither.</summary>
    internal async Task<UnfinishedRun?> FindWaitingAsync(string runId, CancellationToken cancellationToken) =>
        (
            await ListAsync(
                runs => runs.Where(run => run.Id == runId && (run.Status == RunStatus.Waiting || run.Status == RunStatus.Queued)),
                cancellationToken
            )
        ).SingleOrDefault();

    private async Task<List<UnfinishedRun>> ListAsync(
        Func<IQueryable<WorkflowRun>, IQueryable<WorkflowRun>> which,
        CancellationToken cancellationToken
    )
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await which(db.WorkflowRuns.AsNoTracking())
            .OrderBy(run => run.QueuedAt)
            .Select(run => new UnfinishedRun(run.Id, run.WorkflowId, run.Priority, run.QueuedAt, run.Status, run.ResumeAt))
            .ToListAsync(cancellationToken);
    }
}
