using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Reviews;

/// <summary>What became of the review that a link names.</summary>
public enum ReviewLinkState
{
    /// <summary>It waits for an answer, which the person may give.</summary>
    Open,

    Answered,

    /// <summary>The run ended before anyone answered.</summary>
    RunEnded,

    /// <summary>The link is too old. The review may still wait.</summary>
    Expired,

    /// <summary>It waits for an answer, but not from this person.</summary>
    NotAllowed,
}

/// <summary>A review, as the person who followed a link may see it.</summary>
/// <param name="Verdict">The answer; null: none yet.</param>
public sealed record LinkedReview(
    ReviewLinkState State,
    string RunId,
    string WorkflowName,
    string OutputKey,
    ReviewVerdict? Verdict,
    DateTime? AnsweredAt
);

/// <summary>Opens the links in messages about reviews.</summary>
public sealed class ReviewLinkService(Operations operations, ReviewLinks links, RunLoader loader, TimeProvider time)
{
    private static readonly Problem Unknown = new(
        ProblemKind.NotFound,
        "This link is not valid. Open it again from the message, complete and unchanged, or find the run under Runs.",
        []
    );

    /// <summary>The review that a link names, and whether the actor can answer it.</summary>
    /// <returns>Not found: the link is not one of this portal, or the run was deleted.</returns>
    public Task<Result<LinkedReview>> FindAsync(Actor actor, string link, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<LinkedReview>(
            actor,
            Permission.Read,
            async principal =>
            {
                if (
                    links.Read(link) is not { } named
                    || await loader.FindAsync(named.RunId, cancellationToken) is not { } run
                    || run.Steps.FirstOrDefault(step => step.StepId == named.StepId) is not { Review: { } review } step
                )
                {
                    return Unknown;
                }

                var state =
                    review.Verdict is not null ? ReviewLinkState.Answered
                    : run.IsFinished ? ReviewLinkState.RunEnded
                    : named.Until <= time.GetUtcNow().UtcDateTime ? ReviewLinkState.Expired
                    : Access.Allows(principal.Role, Permission.Run) ? ReviewLinkState.Open
                    : ReviewLinkState.NotAllowed;
                return new LinkedReview(state, run.Id, run.WorkflowName, step.OutputKey, review.Verdict, review.AnsweredAt);
            },
            cancellationToken
        );
}
