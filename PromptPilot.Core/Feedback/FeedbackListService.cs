using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Feedback;

/// <summary>Filter of a list of ratings; null means any.</summary>
/// <param name="From">The earliest time at which a rating was given, UTC.</param>
/// <param name="To">The time before which it was given, UTC.</param>
public sealed record FeedbackFilter(
    string? PromptId = null,
    string? WorkflowId = null,
    string? ModelProfileId = null,
    string? UserId = null,
    int? MinRating = null,
    int? MaxRating = null,
    string? Tag = null,
    bool? HasCorrection = null,
    DateTime? From = null,
    DateTime? To = null
);

/// <summary>A rating in a list, with what it is about.</summary>
/// <param name="OutputStart">The first <see cref="FeedbackListService.StartLength"/> characters of the output.</param>
/// <param name="ModelProfileId">Empty for a call that an application made itself.</param>
/// <param name="WorkflowName">Absent for a call outside of workflows.</param>
/// <param name="EndUser">The end user of an application, for whom its key's owner rated.</param>
/// <param name="Source">Present for calls of applications.</param>
public sealed record FeedbackListItem(
    string Id,
    string ExecutionId,
    string UserId,
    string UserName,
    int Rating,
    string Comment,
    IReadOnlyList<string> Tags,
    string? CorrectedOutput,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    string PromptId,
    string? PromptName,
    string? PromptVersion,
    string ModelProfileId,
    string? ModelProfileName,
    string ModelUsed,
    string? WorkflowId,
    string? WorkflowName,
    string? RunId,
    string? OutputKey,
    string OutputStart,
    string? EndUser,
    CallSource? Source
);

/// <summary>A list as a file.</summary>
public sealed record FeedbackFile(string Name, byte[] Content);

/// <summary>Ratings of all outputs, as a list and as CSV.</summary>
public sealed class FeedbackListService(Operations operations, TimeProvider time)
{
    public const int StartLength = 240;

    /// <summary>The most ratings in one file: the newest of those that fit.</summary>
    public const int MaxExported = 20_000;

    private static readonly string[] Head =
    [
        "createdAt",
        "updatedAt",
        "user",
        "rating",
        "comment",
        "tags",
        "correctedOutput",
        "prompt",
        "promptVersion",
        "modelProfile",
        "modelUsed",
        "workflow",
        "outputKey",
        "runId",
        "executionId",
        "endUser",
    ];

    /// <summary>Ratings by the time they were first given, the newest first.</summary>
    public Task<Result<Page<FeedbackListItem>>> ListAsync(
        Actor actor,
        FeedbackFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<FeedbackListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var feedback = Filtered(db, filter);
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '~') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    feedback = feedback.Where(f => f.CreatedAt <= cursor.At && (f.CreatedAt < cursor.At || f.Id.CompareTo(cursor.Id) < 0));
                }

                var items = await Items(db, feedback, page.Take + 1).ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.CreatedAt, last.Id).ToString('~'));
            },
            cancellationToken
        );

    /// <summary>The newest <see cref="MaxExported"/> ratings that fit, as CSV.</summary>
    public Task<Result<FeedbackFile>> ExportAsync(Actor actor, FeedbackFilter filter, CancellationToken cancellationToken) =>
        operations.ReadAsync<FeedbackFile>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var items = await Items(db, Filtered(db, filter), MaxExported).ToListAsync(cancellationToken);
                return new FeedbackFile($"feedback-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv", CsvText.Write(Head, items.Select(Row)));
            },
            cancellationToken
        );

    private static string?[] Row(FeedbackListItem item) =>
        [
            CsvText.Time(item.CreatedAt),
            CsvText.Time(item.UpdatedAt),
            item.UserName,
            CsvText.Number(item.Rating),
            item.Comment,
            string.Join(", ", item.Tags),
            item.CorrectedOutput,
            item.PromptName,
            item.PromptVersion,
            item.ModelProfileName,
            item.ModelUsed,
            item.WorkflowName,
            item.OutputKey,
            item.RunId,
            item.ExecutionId,
            item.EndUser,
        ];

    private static IQueryable<FeedbackListItem> Items(PromptPilotDbContext db, IQueryable<Feedback> feedback, int take) =>
        from f in feedback.OrderByDescending(f => f.CreatedAt).ThenByDescending(f => f.Id).Take(take)
        join log in db.ExecutionLogs on f.ExecutionId equals log.Id
        join user in db.Users on f.UserId equals user.Id
        orderby f.CreatedAt descending, f.Id descending
        select new FeedbackListItem(
            f.Id,
            f.ExecutionId,
            f.UserId,
            user.Name,
            f.Rating,
            f.Comment,
            f.Tags,
            f.CorrectedOutput,
            f.CreatedAt,
            f.UpdatedAt,
            log.PromptId,
            db.PromptVersions.IgnoreQueryFilters(new[] { PromptVersions.Drafts })
                .Where(version => version.Id == log.PromptVersionId)
                .Select(version => version.Name)
                .FirstOrDefault(),
            db.PromptVersions.IgnoreQueryFilters(new[] { PromptVersions.Drafts })
                .Where(version => version.Id == log.PromptVersionId)
                .Select(version => version.Number < 0 ? "draft" : version.Version)
                .FirstOrDefault(),
            log.ModelProfileId,
            db.ModelProfiles.Where(profile => profile.Id == log.ModelProfileId).Select(profile => profile.Name).FirstOrDefault(),
            log.ModelUsed,
            log.WorkflowId,
            db.WorkflowRuns.Where(run => run.Id == log.RunId).Select(run => run.WorkflowName).FirstOrDefault(),
            log.RunId,
            log.OutputKey,
            log.Output.Substring(0, StartLength),
            f.EndUser == "" ? null : f.EndUser,
            log.Source
        );

    private static IQueryable<Feedback> Filtered(PromptPilotDbContext db, FeedbackFilter filter)
    {
        var feedback = db.Feedback.AsNoTracking();
        if (filter.PromptId is { } promptId)
        {
            feedback = feedback.Where(f => f.PromptId == promptId);
        }

        if (filter.UserId is { } userId)
        {
            feedback = feedback.Where(f => f.UserId == userId);
        }

        if (filter.MinRating is { } min)
        {
            feedback = feedback.Where(f => f.Rating >= min);
        }

        if (filter.MaxRating is { } max)
        {
            feedback = feedback.Where(f => f.Rating <= max);
        }

        if (filter.Tag is { } tag)
        {
            feedback = feedback.Where(f => f.Tags.Contains(tag));
        }

        if (filter.HasCorrection is { } has)
        {
            feedback = feedback.Where(f => f.CorrectedOutput != null == has);
        }

        if (filter.From is { } from)
        {
            feedback = feedback.Where(f => f.CreatedAt >= from);
        }

        if (filter.To is { } to)
        {
            feedback = feedback.Where(f => f.CreatedAt < to);
        }

        return filter is { WorkflowId: null, ModelProfileId: null }
            ? feedback
            : feedback.Where(f =>
                db.ExecutionLogs.Any(log =>
                    log.Id == f.ExecutionId
                    && (filter.WorkflowId == null || log.WorkflowId == filter.WorkflowId)
                    && (filter.ModelProfileId == null || log.ModelProfileId == filter.ModelProfileId)
                )
            );
    }
}
