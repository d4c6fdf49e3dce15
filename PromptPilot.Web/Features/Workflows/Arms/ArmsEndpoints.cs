using PromptPilot.Core.Insights.Arms;
using PromptPilot.Web.Api;

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
            .WithSummary("Read how the versions in A/B tests of the published workflow do")
            .WithDescription("Of the newest 20,000 calls since each test began in its present form. Intervals are 95 %.")
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
            .WithSummary("Stop all A/B tests of a workflow: new runs use the steps' own versions")
            .WithDescription("Takes effect with the next run, without publishing. Publishing starts tests again.")
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
            .WithSummary("Start stopped A/B tests of a workflow again")
            .Produces(204)
            .ProducesProblem(404);
        arms.MapPost("/promote", PromoteAsync)
            .WithSummary("Make a version of an A/B test the step's own, end the test, and publish the workflow")
            .WithDescription(
                "If publishing is protected, returns 409 and asks for it: `instance` and Location are the address of the change request."
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
        return body.IsOk
            ? ApiResults.From(
                await service.PromoteAsync(http.Actor(), workflowId, body.Value.StepId, body.Value.Version, cancellationToken),
                change => change.ChangeRequestId is { } request ? ApiResults.ChangeRequested(http, request) : Results.NoContent()
            )
            : ApiResults.From(body.Problem);
    }
}

/// <param name="StepId">The step with the A/B test.</param>
/// <param name="Version">One of its versions, e.g. 1.3.0.</param>
internal sealed record PromoteBody(string StepId, string Version);
