using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>A person's answer to an open review.</summary>
/// <param name="Output">The replacement output of an edit: a string for a text step, JSON for a JSON step, a list for a step with
/// <c>forEach</c>.</param>
/// <param name="Reason">Required to reject.</param>
public sealed record ReviewAnswer(ReviewVerdict Verdict, JsonElement? Output = null, string? Reason = null);

/// <summary>An output waiting for review.</summary>
/// <param name="Text">The output, as text.</param>
/// <param name="Until">The time at which the timeout answers; null: never.</param>
public sealed record OpenReview(
    string RunId,
    string WorkflowId,
    string WorkflowName,
    string StepId,
    string OutputKey,
    string Text,
    string? Instructions,
    DateTime AskedAt,
    DateTime? Until,
    ReviewVerdict OnTimeout,
    string? StartedByName
);

/// <summary>Answers reviews: outputs that wait for a person before later steps read them.</summary>
public sealed class RunReviewService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    RunLoader loader,
    RunCommands commands
)
{
    public const int MaxReasonLength = 2000;
    public const int MaxOutputLength = 4_000_000;

    /// <summary>Open reviews, oldest first.</summary>
    /// <param name="most">The most runs to look at.</param>
    public Task<Result<IReadOnlyList<OpenReview>>> ListOpenAsync(Actor actor, int most, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<OpenReview>>(
            actor,
            Permission.Run,
            async _ =>
            {
                List<string> runIds;
                await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
                {
                    runIds = await db
                        .WorkflowRuns.AsNoTracking()
                        .Where(run => run.OpenReviews > 0)
                        .OrderBy(run => run.QueuedAt)
                        .Select(run => run.Id)
                        .Take(most)
                        .ToListAsync(cancellationToken);
                }

                var open = new List<OpenReview>();
                foreach (var runId in runIds)
                {
                    if (await loader.FindAsync(runId, cancellationToken) is { } state)
                    {
                        open.AddRange(
                            state
                                .Steps.Where(step => step.Review is { IsOpen: true })
                                .Select(step => new OpenReview(
                                    state.Id,
                                    state.WorkflowId,
                                    state.WorkflowName,
                                    step.StepId,
                                    step.OutputKey,
                                    StepState.TextOf(step.Result!.Value),
                                    step.Options.Review?.Instructions,
                                    step.Review!.AskedAt,
                                    step.Review.Until,
                                    step.Options.Review?.OnTimeout ?? ReviewVerdict.Reject,
                                    state.StartedByName
                                ))
                        );
                    }
                }

                return open;
            },
            cancellationToken
        );

    /// <summary>Answers a review. Later steps read the original or edited output, or the run ends.</summary>
    /// <returns>Conflict when no review is open; a problem at <c>output</c> or <c>reason</c>.</returns>
    public Task<Result<Done>> AnswerAsync(
        Actor actor,
        string runId,
        string stepId,
        ReviewAnswer answer,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<Done>(
            actor,
            Permission.Run,
            async principal =>
            {
                if (answer.Reason is { Length: > MaxReasonLength })
                {
                    return Problem.AtField("reason", $"A reason can have at most {MaxReasonLength:N0} characters.");
                }

                if (answer.Verdict == ReviewVerdict.Reject && string.IsNullOrWhiteSpace(answer.Reason))
                {
                    return Problem.AtField("reason", "Enter a reason. The person who started the run will see it.");
                }

                var output = answer.Verdict == ReviewVerdict.Edit ? answer.Output : null;
                var message = new RunMessage.Answer(
                    stepId,
                    answer.Verdict,
                    output,
                    string.IsNullOrWhiteSpace(answer.Reason) ? null : Unicode.WellFormed(answer.Reason.Trim()),
                    principal.UserId
                );
                return await commands.AnswerAsync(runId, message, state => Check(state, stepId, answer), cancellationToken);
            },
            cancellationToken
        );

    private static Problem? Check(RunState state, string stepId, ReviewAnswer answer)
    {
        if (state.Steps.FirstOrDefault(step => step.StepId == stepId) is not { } step)
        {
            return Problem.NotFound("step of this run");
        }

        return step.Review switch
        {
            null => Problem.Conflict("This step is not waiting for a review."),
            { Verdict: { } verdict } => Problem.Conflict(
                $"This review has already been answered: {verdict.ToString().ToLowerInvariant()}."
            ),
            _ => answer.Verdict == ReviewVerdict.Edit ? CheckOutput(step, answer.Output) : null,
        };
    }

    private static Problem? CheckOutput(StepState step, JsonElement? output)
    {
        if (output is not { } value || value.GetRawText().Length > MaxOutputLength)
        {
            return Problem.AtField(
                "output",
                output is null
                    ? "Enter the output that later steps should read."
                    : $"The output can have at most {MaxOutputLength:N0} characters."
            );
        }

        if (InputValues.Unusable(value) is { } unusable)
        {
            return Problem.AtField("output", unusable);
        }

        if (step.ItemCount is not null)
        {
            return value.ValueKind == JsonValueKind.Array
                ? null
                : Problem.AtField("output", "This step returns a list: the output must be a JSON list.");
        }

        return step.Options.OutputFormat == OutputFormat.Text
            ? value.ValueKind == JsonValueKind.String
                ? null
                : Problem.AtField("output", "This step returns text: the output must be a string.")
            : JsonOutput.Read(value.GetRawText(), step.Options.JsonSchema) is { IsOk: false } wrong
                ? Problem.AtField("output", wrong.Problem.Message)
                : null;
    }
}
