using PromptPilot.Core.Insights.Arms;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Workflows.Arms;

/// <summary>A/B tests of a workflow, under <c>/api/v1/workflows/{workflowId}/arms</c>.</summary>
internal static class ArmsEndpoints
{
    public static IEndpointRouteBuilder MapArms(this IEndpointRouteBuilder api)
    {
        var arms = api.MapGroup("/workflows/{workflowId}/arms").WithTags("Workflows");
        arms.MapGet(
                "",
                async (HttpContext http, ArmService service, string workflowId, CancellationToken cancellationToken) =>
                    ApiResults.From(await service.FindAsync(http.Actor(), workflowId, cancellationToken))
            )
            .WithSummary("Read the results of the A/B tests of a published workflow")
            .WithDescription("Covers the newest 20,000 calls since each test was last changed. Intervals are 95%.")
            .Produces<ArmsReport>()
            .ProducesProblem(404);
        arms.MapPost(
                "/stop",
                async (HttpContext http, ArmService service, string workflowId, CancellationToken cancellationToken) =>
                    ApiResults.From(
                        await service.SetStoppedAsync(http.Actor(), workflowId, true, cancellationToken),
                        _ => Results.NoContent()
                    )
            )
            .WithSummary("Stop all A/B tests of a workflow, so that new runs use the steps' own versions")
            .WithDescription("Applies from the next run, without publishing. Publishing restarts the tests.")
            .Produces(204)
            .ProducesProblem(404);
        arms.MapPost(
                "/resume",
                async (HttpContext http, ArmService service, string workflowId, CancellationToken cancellationToken) =>
                    ApiResults.From(
                        await service.SetStoppedAsync(http.Actor(), workflowId, false, cancellationToken),
                        _ => Results.NoContent()
                    )
            )
            .WithSummary("Restart the stopped A/B tests of a workflow")
            .Produces(204)
            .ProducesProblem(404);
        arms.MapPost("/promote", PromoteAsync)
            .WithSummary("End an A/B test: make one of its arms the step's own version and model, and publish the workflow")
            .WithDescription(
                "If publishing is protected, returns 409 and creates a change request. Its address is in `instance` and Location."
            )
            .Accepts<PromoteBody>("application/json")
            .Produces(204)
            .ProducesProblem(400)
            .ProducesProblem(404)
            .ProducesProblem(409);
        return api;
    }

    private static async Task<IResult> PromoteAsync(
        HttpContext http,
        ArmService service,
        string workflowId,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<PromoteBody>(http, cancellationToken);
        return !body.IsOk ? ApiResults.From(body.Problem)
            : body.Value.StepId is not { Length: > 0 } step ? ApiResults.From(Problem.AtField("stepId", "Enter the id of a step."))
            : body.Value.Version is not { Length: > 0 } version
                ? ApiResults.From(Problem.AtField("version", "Enter a version of its A/B test."))
            : ApiResults.From(
                await service.PromoteAsync(http.Actor(), workflowId, step, version, body.Value.Model, cancellationToken),
                change => change.ChangeRequestId is { } request ? ApiResults.ChangeRequested(http, request) : Results.NoContent()
            );
    }
}

/// <param name="StepId">The step with the A/B test.</param>
/// <param name="Version">The version of one of its arms, e.g. 1.3.0.</param>
/// <param name="Model">Id of the arm's model profile. Required if several arms have the version.</param>
internal sealed record PromoteBody(string? StepId, string? Version, string? Model = null);
