using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Runs of one person with the same workflow, day and status.</summary>
/// <param name="Day">The start of the day in which they were queued (UTC).</param>
/// <param name="IsDraft">They are test runs of drafts.</param>
/// <param name="Cost">Cost in nano-USD.</param>
internal sealed record PersonalSum(string WorkflowId, DateTime Day, RunStatus Status, bool IsDraft, long Runs, long Cost);

/// <summary>
/// The runs of one person, without those of experiments. A busy person has many thousands in a month, so only those that the sums do not
/// have are read one by one: unfinished runs, test runs of drafts, and runs that ended in the last seconds.
/// </summary>
internal static class PersonalRuns
{
    private sealed record Row(string Id, string? UserId, string WorkflowId, DateTime QueuedAt, RunStatus Status, bool IsDraft, long Cost);

    /// <param name="since">The start of a day (UTC).</param>
    public static async Task<List<PersonalSum>> ReadAsync(
        PromptPilotDbContext db,
        string userId,
        DateTime since,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            // A run that ends meanwhile is in the later of two reads, and a change of the sums between them is read again.
            var progress = await ProgressAsync(db, cancellationToken);
            var rows = await ToListAsync(Unfinished(db, since), cancellationToken);
            rows.AddRange(await ToListAsync(Drafts(db, since), cancellationToken));
            var sums = await SumsAsync(db, userId, since, cancellationToken);
            var counted = await new RunFactSource().NumberAsync(db, progress?.Last, cancellationToken) ?? long.MaxValue;
            rows.AddRange(await ToListAsync(RunFactSource.Ended(db, counted, long.MaxValue), cancellationToken));
            if ((await ProgressAsync(db, cancellationToken))?.Revision == progress?.Revision)
            {
                var last = rows.Where(row => row.UserId == userId && row.QueuedAt >= since)
                    .GroupBy(row => row.Id, (_, same) => same.Last());
                return
                [
                    .. sums,
                    .. last.Select(row => new PersonalSum(row.WorkflowId, row.QueuedAt.Date, row.Status, row.IsDraft, 1, row.Cost)),
                ];
            }
        }
    }

    private static Task<RollupProgress?> ProgressAsync(PromptPilotDbContext db, CancellationToken cancellationToken) =>
        db.RollupProgress.AsNoTracking().SingleOrDefaultAsync(stored => stored.Facts == RollupFacts.Runs, cancellationToken);

    /// <summary>Of everyone: with a condition on the person, all runs of that person would be read.</summary>
    private static IQueryable<WorkflowRun> Unfinished(PromptPilotDbContext db, DateTime since) =>
        db.WorkflowRuns.Where(run =>
            (run.Status == RunStatus.Queued || run.Status == RunStatus.Running || run.Status == RunStatus.Waiting)
            && run.QueuedAt >= since
            && !run.IsDraft
            && run.Priority != RunPriority.Experiment
        );

    /// <inheritdoc cref="Unfinished"/>
    private static IQueryable<WorkflowRun> Drafts(PromptPilotDbContext db, DateTime since) =>
        db.WorkflowRuns.Where(run => run.IsDraft && run.QueuedAt >= since);

    private static Task<List<Row>> ToListAsync(IQueryable<WorkflowRun> runs, CancellationToken cancellationToken) =>
        runs.AsNoTracking()
            .Select(run => new Row(run.Id, run.StartedBy, run.WorkflowId, run.QueuedAt, run.Status, run.IsDraft, run.Cost))
            .ToListAsync(cancellationToken);

    private static Task<List<PersonalSum>> SumsAsync(
        PromptPilotDbContext db,
        string userId,
        DateTime since,
        CancellationToken cancellationToken
    ) =>
        db
            .RunRollups.AsNoTracking()
            .Where(row => row.Span == RollupSpan.Day && row.Start >= since && row.UserId == userId && !row.IsRemoved)
            .Select(row => new PersonalSum(row.WorkflowId, row.Start, row.Status, false, row.Runs, row.Cost))
            .ToListAsync(cancellationToken);
}
