using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>The request to fork a run: the step and what changes there. Omitted fields stay unchanged.</summary>
/// <param name="StepId">This step and all that depend on it run again. All other successful results are kept.</param>
/// <param name="Values">Values of prompt variables of the step, instead of its mapping.</param>
/// <param name="Inputs">Inputs of the run, by name; steps that are kept do not see them.</param>
internal sealed record ForkBody(
    string? StepId,
    string? PromptVersion,
    string? Model,
    ParameterChanges? Parameters,
    Dictionary<string, JsonElement>? Values,
    Dictionary<string, JsonElement>? Inputs
);

/// <summary>The request to answer a review.</summary>
/// <param name="Verdict">approve, edit or reject.</param>
/// <param name="Output">For an edit: the new output.</param>
/// <param name="Reason">Needed to reject.</param>
internal sealed record ReviewBody(ReviewVerdict? Verdict, JsonElement? Output, string? Reason);

/// <summary>Retry, fork and reviews, under <c>/api/v1/runs</c>.</summary>
internal static class RunReplayEndpoints
{
    public static void MapReplays(this RouteGroupBuilder runs)
    {
        runs.MapPost("/{id}/retry", RetryAsync)
            .WithSummary("Retry the steps that failed or were not reached. Successful steps are kept")
            .WithDescription("Creates a new run with this one as `parentRunId` and the same versions and inputs.")
            .Produces<StartedRunResponse>(StatusCodes.Status202Accepted)
            .ProducesProblem(404)
            .ProducesProblem(409)
            .ProducesProblem(503);
        runs.MapPost("/{id}/fork", ForkAsync)
            .WithSummary("Fork a run: run again from one step with changes")
            .Accepts<ForkBody>("application/json")
            .WithDescription(
                "Creates a new run with this one as `parentRunId`. Steps that do not depend on the changed step keep their results."
            )
            .Produces<StartedRunResponse>(StatusCodes.Status202Accepted)
            .ProducesProblem(400)
            .ProducesProblem(404)
            .ProducesProblem(409)
            .ProducesProblem(503);
        runs.MapPost("/{id}/reviews/{stepId}", AnswerAsync)
            .WithSummary("Answer a review: approve, edit or reject the output of a step")
            .Accepts<ReviewBody>("application/json")
            .Produces<RunResponse>()
            .ProducesProblem(400)
            .ProducesProblem(404)
            .ProducesProblem(409);
    }

    private static async Task<IResult> RetryAsync(
        HttpContext http,
        RunReplayService replays,
        string id,
        CancellationToken cancellationToken
    ) => ApiResults.From(await replays.RetryAsync(http.Actor(), id, cancellationToken), Accepted);

    private static async Task<IResult> ForkAsync(HttpContext http, RunReplayService replays, string id, CancellationToken cancellationToken)
    {
        var read = await ApiBody.ReadAsync<ForkBody>(http, cancellationToken);
        if (!read.IsOk)
        {
            return ApiResults.From(read.Problem);
        }

        var body = read.Value;
        var request = new ForkRequest(body.StepId ?? "", body.PromptVersion, body.Model, body.Parameters, body.Values, body.Inputs);
        return ApiResults.From(await replays.ForkAsync(http.Actor(), id, request, cancellationToken), Accepted);
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http,
        RunReviewService reviews,
        RunService runs,
        string id,
        string stepId,
        CancellationToken cancellationToken
    )
    {
        var read = await ApiBody.ReadAsync<ReviewBody>(http, cancellationToken);
        if (!read.IsOk)
        {
            return ApiResults.From(read.Problem);
        }

        var body = read.Value;
        if (body.Verdict is not { } verdict)
        {
            return ApiResults.From(Core.Shared.Problem.AtField("verdict", "Send approve, edit or reject."));
        }

        var answered = await reviews.AnswerAsync(
            http.Actor(),
            id,
            stepId,
            new ReviewAnswer(verdict, body.Output, body.Reason),
            cancellationToken
        );
        return answered.IsOk
            ? ApiResults.From((await runs.FindAsync(http.Actor(), id, cancellationToken)).Map(view => RunResponse.From(view)))
            : ApiResults.From(answered.Problem);
    }

    private static IResult Accepted(StartedRun started) =>
        Results.Accepted($"/api/v1/runs/{started.Id}", new StartedRunResponse(started.Id, started.Status));
}
