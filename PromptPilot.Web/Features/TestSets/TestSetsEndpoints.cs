using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>Test sets under <c>/api/v1/test-sets</c>, and their cases as a file for the page.</summary>
internal static class TestSetsEndpoints
{
    public static IEndpointRouteBuilder MapTestSets(this IEndpointRouteBuilder api)
    {
        var sets = api.MapGroup("/test-sets").WithTags("Test sets");
        sets.MapGet("/", ListAsync).WithSummary("List test sets, last changed first").Produces<Page<TestSetListItem>>();
        sets.MapPost("/", CreateAsync)
            .WithSummary("Create a test set for a prompt or a workflow")
            .Produces<TestSetView>(StatusCodes.Status201Created);
        sets.MapGet("/{id}", FindAsync).WithSummary("Read a test set with its cases").Produces<TestSetView>();
        sets.MapPut("/{id}", UpdateAsync).WithSummary("Change the name and checks of a test set").Produces<TestSetView>();
        sets.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a test set with its cases").Produces(StatusCodes.Status204NoContent);
        sets.MapTestCases();
        return api;
    }

    public static void MapTestCaseExport(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/test-sets/{id}/cases.csv",
                async (HttpContext http, string id, TestCaseService cases, CancellationToken cancellationToken) =>
                    TestCasesEndpoints.Csv(await cases.ExportAsync(CurrentActor.Of(http.User), id, cancellationToken))
            )
            .ExcludeFromDescription();

    private static async Task<IResult> ListAsync(
        HttpContext http,
        TestSetService service,
        CancellationToken cancellationToken,
        string? promptId = null,
        string? workflowId = null,
        string? after = null,
        int limit = 50
    ) => ApiResults.From(await service.ListAsync(http.Actor(), promptId, workflowId, new PageRequest(after, limit), cancellationToken));

    private static async Task<IResult> CreateAsync(
        HttpContext http,
        JsonBody<NewTestSetBody> body,
        TestSetService service,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            body.Value switch
            {
                { PromptId: not null, WorkflowId: not null } => Problem.AtField(
                    "workflowId",
                    "A test set is for a prompt or for a workflow. Leave one of them out."
                ),
                { WorkflowId: { } workflowId } => await service.CreateForWorkflowAsync(
                    http.Actor(),
                    workflowId,
                    body.Value.ToContent(),
                    cancellationToken
                ),
                { PromptId: { Length: > 0 } promptId } => await service.CreateAsync(
                    http.Actor(),
                    promptId,
                    body.Value.ToContent(),
                    cancellationToken
                ),
                _ => Problem.AtField("promptId", "Enter the id of a prompt, or a workflowId."),
            },
            set =>
            {
                ETags.Set(http, set.Revision);
                return Results.Created($"/api/v1/test-sets/{set.Id}", set);
            }
        );

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string id,
        TestSetService service,
        CancellationToken cancellationToken
    ) => Answer(http, await service.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        string id,
        JsonBody<TestSetBody> body,
        TestSetService service,
        CancellationToken cancellationToken
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? Answer(http, await service.UpdateAsync(http.Actor(), id, body.Value.ToContent(), revision.Value, cancellationToken))
            : ApiResults.From(revision.Problem);
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        string id,
        TestSetService service,
        CancellationToken cancellationToken
    ) => ApiResults.From(await service.DeleteAsync(http.Actor(), id, cancellationToken), _ => Results.NoContent());

    private static IResult Answer(HttpContext http, Result<TestSetView> result) =>
        ApiResults.From(
            result,
            set =>
            {
                ETags.Set(http, set.Revision);
                return Results.Ok(set);
            }
        );

    internal sealed record NewTestSetBody(
        string? PromptId,
        string? WorkflowId,
        string? Name,
        IReadOnlyList<Check>? Checks,
        string? OutputKey
    )
    {
        public TestSetContent ToContent() => new(Name ?? "", Checks ?? []) { OutputKey = OutputKey };
    }

    internal sealed record TestSetBody(string? Name, IReadOnlyList<Check>? Checks, string? OutputKey)
    {
        public TestSetContent ToContent() => new(Name ?? "", Checks ?? []) { OutputKey = OutputKey };
    }
}
