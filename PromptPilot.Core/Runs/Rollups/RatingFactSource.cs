using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>
/// Ratings. Changes go through <see cref="ChangeAsync"/>. Deleting a user deletes their ratings, which their number reveals.
/// </summary>
internal sealed class RatingFactSource : RollupSource<RatingRollup>
{
    public override RollupFacts Facts => RollupFacts.Ratings;

    protected override string Table => "Feedback";

    protected override string KeySql => "\"Id\"";

    /// <summary>Changes or deletes a rating and updates the sums. For a transaction that holds the write gate.</summary>
    public static async Task ChangeAsync(PromptPilotDbContext db, string feedbackId, Func<Task> change, CancellationToken cancellationToken)
    {
        var source = new RatingFactSource();
        var progress = await source.ProgressAsync(db, cancellationToken);
        var number = await source.NumberAsync(db, progress.Last, cancellationToken) ?? 0;
        var rating = Rows(UpTo(db, number).Where(feedback => feedback.Id == feedbackId), db.ExecutionLogs);
        var sums = new RollupSums<RatingRollup>();
        var before = await rating.ToListAsync(cancellationToken);
        before.ForEach(sums.Subtract);
        await change();
        if (before.Count == 0)
        {
            return;
        }

        (await rating.ToListAsync(cancellationToken)).ForEach(now => sums.Add(now));
        await sums.LoadAsync(db, cancellationToken);
        sums.Apply(db);
        progress.Last = await source.KeyAsync(db, number, cancellationToken);
        progress.Revision++;
        await db.SaveChangesAsync(cancellationToken);
    }

    protected override IQueryable<RatingRollup> Between(PromptPilotDbContext db, long after, long upTo) =>
        Rows(db.Feedback.FromSqlRaw(Between(db), after, upTo), db.ExecutionLogs);

    protected override IQueryable<RatingRollup> Doomed(PromptPilotDbContext db, RollupRemoval removal, long upTo) =>
        Rows(UpTo(db, upTo), removal.Logs);

    /// <summary>True if no rating has been deleted unnoticed.</summary>
    protected override async Task<bool> IsSoundAsync(PromptPilotDbContext db, long number, CancellationToken cancellationToken) =>
        await UpTo(db, number).CountAsync(cancellationToken)
        == await db
            .RatingRollups.Where(row => row.Span == RollupSpan.Day && !row.IsRemoved)
            .SumAsync(row => row.Ratings, cancellationToken);

    private static IQueryable<Core.Feedback.Feedback> UpTo(PromptPilotDbContext db, long number) =>
        db.Feedback.FromSqlRaw(new RatingFactSource().UpTo(db), number);

    private static IQueryable<RatingRollup> Rows(IQueryable<Core.Feedback.Feedback> ratings, IQueryable<ExecutionLog> logs) =>
        from feedback in ratings.AsNoTracking()
        join log in logs on feedback.ExecutionId equals log.Id
        select new RatingRollup
        {
            Start = feedback.CreatedAt,
            WorkflowId = log.WorkflowId ?? "",
            PromptVersionId = log.PromptVersionId,
            ModelProfileId = log.ModelProfileId,
            Ratings = 1,
            Sum = feedback.Rating,
            Squares = feedback.Rating * feedback.Rating,
        };
}
