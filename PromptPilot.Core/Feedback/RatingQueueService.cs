using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Feedback;

/// <summary>Outputs to rate next, and the one that is open, which is kept for the actor for five minutes.</summary>
public sealed class RatingQueueService(Operations operations, RatingClaims claims, TimeProvider time)
{
    /// <summary>The number of newest outputs considered, so that the queue stays fast with a million logs.</summary>
    public const int Window = 2000;

    /// <summary>The most outputs in the list of a queue.</summary>
    public const int MaxListed = 50;

    /// <summary>Part of the id of a judge's step in an experiment, whose verdict is not an output to rate.</summary>
    internal const string JudgeStep = "-judge-";

    /// <summary>
    /// The actor's queue, without outputs they have rated or others are rating. Opens one and reserves it for them.
    /// </summary>
    /// <param name="wanted">The output to open; null: the next. If someone else is rating it, the next one is opened.</param>
    /// <param name="skipped">Outputs that the actor does not want to see now.</param>
    public Task<Result<RatingQueue>> OpenAsync(
        Actor actor,
        RatingFilter filter,
        string? wanted,
        IReadOnlyCollection<string> skipped,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<RatingQueue>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                if (principal.UserId is not { } userId)
                {
                    return Problem.Forbidden("Only users can give feedback.");
                }

                var candidates = await CandidatesAsync(db, filter, userId, cancellationToken);
                var order = RatingOrder.Of(
                    candidates.Where(candidate => !skipped.Contains(candidate.LogId) && !claims.IsTaken(candidate.LogId, userId))
                );
                var open = wanted is not null && claims.TryClaim(wanted, userId) ? wanted : null;
                open ??= order.FirstOrDefault(candidate => claims.TryClaim(candidate.LogId, userId))?.LogId;
                var shown = order.Take(MaxListed).Select(candidate => candidate.LogId).ToList();
                return new RatingQueue(
                    await ItemsAsync(db, shown, cancellationToken),
                    order.Count,
                    candidates.Count >= Window,
                    open,
                    await FactsAsync(db, userId, cancellationToken)
                );
            },
            cancellationToken
        );

    /// <summary>An output with what a person needs to judge it.</summary>
    public Task<Result<OutputToRate>> FindAsync(Actor actor, string logId, CancellationToken cancellationToken) =>
        operations.ReadAsync<OutputToRate>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var log = await db.ExecutionLogs.AsNoTracking().SingleOrDefaultAsync(l => l.Id == logId, cancellationToken);
                if (log is null || (await ItemsAsync(db, [logId], cancellationToken)) is not [var item])
                {
                    return Problem.NotFound("output");
                }

                var own = await db
                    .Feedback.AsNoTracking()
                    .SingleOrDefaultAsync(
                        f => f.ExecutionId == logId && f.UserId == principal.UserId && f.EndUser == "",
                        cancellationToken
                    );
                var holder = claims.TryFindHolder(logId, out var userId) && userId != principal.UserId ? userId : null;
                return new OutputToRate(
                    item,
                    log,
                    own is null ? null : new FeedbackInput(own.Rating, own.Comment, own.Tags, own.CorrectedOutput ?? ""),
                    holder is null
                        ? null
                        : await db.Users.Where(user => user.Id == holder).Select(user => user.Name).FirstOrDefaultAsync(cancellationToken)
                );
            },
            cancellationToken
        );

    private static async Task<List<RatingCandidate>> CandidatesAsync(
        PromptPilotDbContext db,
        RatingFilter filter,
        string userId,
        CancellationToken cancellationToken
    )
    {
        var logs = db.ExecutionLogs.AsNoTracking();
        if (filter.PromptId is { } promptId)
        {
            logs = logs.Where(log => log.PromptId == promptId);
        }

        if (filter.WorkflowId is { } workflowId)
        {
            logs = logs.Where(log => log.WorkflowId == workflowId);
        }

        if (filter.ModelProfileId is { } profileId)
        {
            logs = logs.Where(log => log.ModelProfileId == profileId);
        }

        logs = logs.OrderByDescending(log => log.Timestamp).Take(Window);
        logs = filter.Source switch
        {
            RatingSource.Playground => logs.Where(log => log.RunId == null && log.Source == null),
            RatingSource.Applications => logs.Where(log => log.RunId == null && log.Source != null),
            RatingSource.Drafts => logs.Where(log =>
                db.WorkflowRuns.Any(run => run.Id == log.RunId && run.IsDraft && run.Priority != RunPriority.Experiment)
            ),
            RatingSource.Experiments => logs.Where(log =>
                !log.StepId!.Contains(JudgeStep)
                && db.WorkflowRuns.Any(run => run.Id == log.RunId && run.Priority == RunPriority.Experiment)
            ),
            RatingSource.Runs => logs.Where(log => db.WorkflowRuns.Any(run => run.Id == log.RunId && !run.IsDraft)),
        };
        var rows = await logs.Where(log =>
                log.Status == ExecutionStatus.Success
                && !db.Feedback.Any(f => f.ExecutionId == log.Id && f.UserId == userId && f.EndUser == "")
            )
            .Select(log => new
            {
                log.Id,
                log.PromptVersionId,
                log.ModelProfileId,
                log.Timestamp,
                Ratings = db.Feedback.Count(f => f.ExecutionId == log.Id),
            })
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new RatingCandidate(row.Id, (row.PromptVersionId, row.ModelProfileId), row.Timestamp, row.Ratings));
    }

    /// <summary>Outputs in the given order; those that are deleted are left out.</summary>
    private static async Task<IReadOnlyList<RatingItem>> ItemsAsync(
        PromptPilotDbContext db,
        List<string> logIds,
        CancellationToken cancellationToken
    )
    {
        var items = await db
            .ExecutionLogs.AsNoTracking()
            .Where(log => logIds.Contains(log.Id))
            .Select(log => new RatingItem(
                log.Id,
                log.Timestamp,
                log.RunId,
                db.WorkflowRuns.Where(run => run.Id == log.RunId).Select(run => run.WorkflowName).FirstOrDefault(),
                log.OutputKey,
                log.PromptId,
                db.PromptVersions.IgnoreQueryFilters(new[] { PromptVersions.Drafts })
                    .Where(version => version.Id == log.PromptVersionId)
                    .Select(version => version.Name)
                    .FirstOrDefault(),
                db.PromptVersions.IgnoreQueryFilters(new[] { PromptVersions.Drafts })
                    .Where(version => version.Id == log.PromptVersionId)
                    .Select(version => version.Number < 0 ? "draft" : version.Version)
                    .FirstOrDefault(),
                db.ModelProfiles.Where(profile => profile.Id == log.ModelProfileId).Select(profile => profile.Name).FirstOrDefault(),
                log.ModelUsed,
                db.Feedback.Count(f => f.ExecutionId == log.Id),
                log.Source
            ))
            .ToListAsync(cancellationToken);
        return [.. items.OrderBy(item => logIds.IndexOf(item.LogId))];
    }

    private async Task<RatingFacts> FactsAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (day, month) = (now.AddDays(-1), now.AddDays(-30));
        return new RatingFacts(
            await db.Feedback.CountAsync(f => f.CreatedAt >= day && f.UserId == userId && f.EndUser == "", cancellationToken),
            await db.Feedback.Where(f => f.CreatedAt >= month).AverageAsync(f => (double?)f.Rating, cancellationToken)
        );
    }
}
