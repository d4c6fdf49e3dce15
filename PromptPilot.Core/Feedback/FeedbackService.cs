using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Feedback;

/// <summary>A person's rating of an output, as sent.</summary>
/// <param name="Rating">1 to 5.</param>
/// <param name="Comment">Up to <see cref="FeedbackService.MaxComment"/> characters; may be empty.</param>
/// <param name="Tags">Up to <see cref="FeedbackService.MaxTags"/> words of up to <see cref="FeedbackService.MaxTag"/> characters.</param>
/// <param name="CorrectedOutput">
/// The output as it should have been, up to <see cref="FeedbackService.MaxCorrection"/> characters. Null keeps what is stored, an empty
/// text removes it.
/// </param>
/// <param name="EndUser">
/// The application's own id of its end user who rated, up to <see cref="FeedbackService.MaxEndUser"/> characters; null: the actor.
/// </param>
public sealed record FeedbackInput(
    int Rating,
    string Comment,
    IReadOnlyList<string> Tags,
    string? CorrectedOutput = null,
    string? EndUser = null
);

/// <summary>A rating of an output, as stored.</summary>
public sealed record FeedbackItem(
    string UserId,
    string UserName,
    int Rating,
    string Comment,
    IReadOnlyList<string> Tags,
    DateTime UpdatedAt
)
{
    public string Id { get; init; } = "";

    /// <summary>Id of the ExecutionLog.</summary>
    public string ExecutionId { get; init; } = "";

    public DateTime CreatedAt { get; init; }

    /// <summary>The output as it should have been; null: none was written.</summary>
    public string? CorrectedOutput { get; init; }

    /// <summary>The end user of an application, for whom its key's owner rated; null: the person themself.</summary>
    public string? EndUser { get; init; }
}

/// <summary>
/// Ratings of outputs: one per person and execution log, editable by that person only, and one for each end user of an application.
/// </summary>
public sealed class FeedbackService(Operations operations, TimeProvider time)
{
    public const int MaxComment = 4000;
    public const int MaxTags = 10;
    public const int MaxTag = 50;
    public const int MaxCorrection = 100_000;
    public const int MaxEndUser = 200;

    /// <summary>Everyone's feedback on an output, the newest first.</summary>
    public Task<Result<IReadOnlyList<FeedbackItem>>> ListAsync(Actor actor, string logId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<FeedbackItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                if (!await db.ExecutionLogs.AnyAsync(log => log.Id == logId, cancellationToken))
                {
                    return Problem.NotFound("execution log");
                }

                var items = await (
                    from feedback in db.Feedback.AsNoTracking()
                    where feedback.ExecutionId == logId
                    join user in db.Users on feedback.UserId equals user.Id
                    orderby feedback.UpdatedAt descending
                    select new { feedback, user.Name }
                ).ToListAsync(cancellationToken);
                return items.ConvertAll(item => Item(item.feedback, item.Name));
            },
            cancellationToken
        );

    /// <summary>
    /// Gives or changes the actor's own feedback, or that of an application's end user; who acts by an API key acts as its owner.
    /// </summary>
    public Task<Result<FeedbackItem>> PutAsync(Actor actor, string logId, FeedbackInput input, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<FeedbackItem>(
            actor,
            input.EndUser is null ? Permission.Run : Permission.Report,
            async (db, principal) =>
            {
                if (principal.UserId is not { } userId)
                {
                    return Problem.Forbidden("Only users can give feedback.");
                }

                var endUser = input.EndUser?.Trim() ?? "";
                var tags = input
                    .Tags.Select(tag => tag.Trim())
                    .Where(tag => tag.Length > 0)
                    .Distinct(StringComparer.OrdinalIgnoreCase)
                    .ToList();
                var errors = Check(input, tags);
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not save the feedback.", errors);
                }

                // Looked up and written behind the gate, so that two windows of one person cannot both insert.
                var promptId = await db
                    .ExecutionLogs.Where(log => log.Id == logId)
                    .Select(log => log.PromptId)
                    .SingleOrDefaultAsync(cancellationToken);
                if (promptId is null)
                {
                    return Problem.NotFound("execution log");
                }

                var now = time.GetUtcNow().UtcDateTime;
                var feedback = await db.Feedback.SingleOrDefaultAsync(
                    f => f.ExecutionId == logId && f.UserId == userId && f.EndUser == endUser,
                    cancellationToken
                );
                if (feedback is null)
                {
                    feedback = new Feedback
                    {
                        ExecutionId = logId,
                        PromptId = promptId,
                        UserId = userId,
                        EndUser = endUser,
                        CreatedAt = now,
                    };
                    db.Feedback.Add(feedback);
                }
                else
                {
                    feedback.Revision++;
                }

                feedback.Rating = input.Rating;
                feedback.Comment = input.Comment.Trim();
                feedback.Tags = tags;
                feedback.CorrectedOutput = input.CorrectedOutput switch
                {
                    null => feedback.CorrectedOutput,
                    "" => null,
                    var text => text,
                };
                feedback.UpdatedAt = now;
                await RatingFactSource.ChangeAsync(db, feedback.Id, () => db.SaveChangesAsync(cancellationToken), cancellationToken);
                return Item(feedback, principal.Name);
            },
            cancellationToken
        );

    /// <summary>Withdraws the actor's own feedback, or that of an application's end user.</summary>
    /// <param name="endUser">The application's own id of its end user; null: the actor.</param>
    public Task<Result<Done>> DeleteAsync(Actor actor, string logId, string? endUser, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            endUser is null ? Permission.Run : Permission.Report,
            async (db, principal) =>
            {
                var whose = endUser?.Trim() ?? "";
                var feedback = await db.Feedback.SingleOrDefaultAsync(
                    f => f.ExecutionId == logId && f.UserId == principal.UserId && f.EndUser == whose,
                    cancellationToken
                );
                if (feedback is null)
                {
                    return Problem.NotFound("rating by you");
                }

                db.Feedback.Remove(feedback);
                await RatingFactSource.ChangeAsync(db, feedback.Id, () => db.SaveChangesAsync(cancellationToken), cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private static List<FieldError> Check(FeedbackInput input, List<string> tags)
    {
        var errors = new List<FieldError>();
        if (input.Rating is < 1 or > 5)
        {
            errors.Add(new FieldError("rating", "The rating must be a whole number from 1 to 5."));
        }

        if (input.Comment.Trim().Length > MaxComment)
        {
            errors.Add(
                new FieldError(
                    "comment",
                    $"A comment can have at most {MaxComment} characters; this one has {input.Comment.Trim().Length}."
                )
            );
        }

        if (input.CorrectedOutput is { Length: > MaxCorrection } correction)
        {
            errors.Add(
                new FieldError(
                    "correctedOutput",
                    $"A corrected output can have at most {MaxCorrection} characters; this one has {correction.Length}."
                )
            );
        }

        if (input.EndUser is { } endUser && endUser.Trim().Length is 0 or > MaxEndUser)
        {
            errors.Add(
                new FieldError("endUser", $"Send your application’s id for the end user, up to {MaxEndUser} characters, or leave it out.")
            );
        }

        if (tags.Count > MaxTags)
        {
            errors.Add(new FieldError("tags", $"At most {MaxTags} tags are allowed; there are {tags.Count}."));
        }

        errors.AddRange(
            tags.Where(tag => tag.Length > MaxTag)
                .Select(tag => new FieldError(
                    "tags",
                    $"A tag can have at most {MaxTag} characters; “{Shorten.Text(tag, 21)}” has {tag.Length}."
                ))
        );
        return errors;
    }

    private static FeedbackItem Item(Feedback feedback, string userName) =>
        new(feedback.UserId, userName, feedback.Rating, feedback.Comment, feedback.Tags, feedback.UpdatedAt)
        {
            Id = feedback.Id,
            ExecutionId = feedback.ExecutionId,
            CreatedAt = feedback.CreatedAt,
            CorrectedOutput = feedback.CorrectedOutput,
            EndUser = feedback.EndUser.Length > 0 ? feedback.EndUser : null,
        };
}
