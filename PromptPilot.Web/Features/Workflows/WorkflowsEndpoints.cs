using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class WorkflowsEndpoints
{
    public static IEndpointRouteBuilder MapWorkflows(this IEndpointRouteBuilder api)
    {
        var workflows = api.MapGroup("/workflows").WithTags("Workflows");
        workflows
            .MapGet("/", ListAsync)
            .WithSummary("List workflows, most recently changed first")
            .WithDescription(
                "`search` is part of a name or tag, `status` is draft, published or archived, `tag` is one full tag, `owner` is a user id."
            )
            .Produces<Page<WorkflowRow>>();
        workflows
            .MapPost("/", CreateAsync)
            .WithSummary("Create a draft")
            .Accepts<WorkflowBody>("application/json")
            .Produces<WorkflowAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        workflows
            .MapGet("/{id}", GetAsync)
            .WithSummary("Read a workflow")
            .Produces<WorkflowAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        workflows
            .MapPut("/{id}", UpdateAsync)
            .WithSummary("Replace the draft. The published version does not change")
            .Accepts<WorkflowBody>("application/json")
            .Produces<WorkflowAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        workflows
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Delete a workflow with its runs and their logs")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        workflows
            .MapPost("/{id}/publish", PublishAsync)
            .WithSummary("Publish the draft as the next version")
            .WithDescription(
                "The body is optional. `message` is a note for the version history. If publishing is protected, returns 409 and "
                    + "creates a change request. Its address is in `instance` and Location."
            )
            .Accepts<PublishBody>(isOptional: true, "application/json")
            .Produces<WorkflowAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        workflows
            .MapPost("/{id}/archive", ArchiveAsync)
            .WithSummary("Archive a workflow. Its triggers pause and runs are refused")
            .Produces<WorkflowAnswer>()
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        workflows
            .MapPost("/{id}/unarchive", UnarchiveAsync)
            .WithSummary("Unarchive a workflow as a draft")
            .Produces<WorkflowAnswer>()
            .ProducesProblem(StatusCodes.Status409Conflict);
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        WorkflowService workflows,
        string? search,
        string? status,
        string? tag,
        string? owner,
        string? after,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        var wanted = ApiWords.Read<WorkflowStatus>(nameof(status), status);
        if (!wanted.IsOk)
        {
            return ApiResults.From(wanted.Problem);
        }

        var page = await workflows.ListAsync(
            http.Actor(),
            new WorkflowFilter(search, wanted.Value, tag, owner),
            new PageRequest(after, limit ?? 50),
            cancellationToken
        );
        return ApiResults.From(page.Map(p => new Page<WorkflowRow>([.. p.Items.Select(WorkflowRow.From)], p.Next)));
    }

    private static async Task<IResult> GetAsync(
        HttpContext http,
        WorkflowService workflows,
        string id,
        CancellationToken cancellationToken
    ) => Answer(http, await workflows.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> CreateAsync(HttpContext http, WorkflowService workflows, CancellationToken cancellationToken)
    {
        var body = await ApiBody.ReadAsync<WorkflowBody>(http, cancellationToken);
        return body.IsOk
            ? Answer(http, await workflows.CreateAsync(http.Actor(), body.Value.ToContent(), cancellationToken), created: true)
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        WorkflowService workflows,
        string id,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<WorkflowBody>(http, cancellationToken);
        return body.IsOk
            ? await IfMatchAsync(
                http,
                revision => workflows.UpdateAsync(http.Actor(), id, body.Value.ToContent(), revision, cancellationToken),
                view => Answer(http, view)
            )
            : ApiResults.From(body.Problem);
    }

    private static Task<IResult> DeleteAsync(HttpContext http, WorkflowService workflows, string id, CancellationToken cancellationToken) =>
        IfMatchAsync(
            http,
            revision => workflows.DeleteAsync(http.Actor(), id, revision, cancellationToken),
            done => ApiResults.From(done, _ => Results.NoContent())
        );

    private static async Task<IResult> PublishAsync(
        HttpContext http,
        ChangeRequestService changes,
        string id,
        CancellationToken cancellationToken
    )
    {
        // The body is optional.
        var body =
            http.Request.HasJsonContentType() && http.Request.ContentLength != 0
                ? await ApiBody.ReadAsync<PublishBody>(http, cancellationToken)
                : new PublishBody(null);
        return body.IsOk
            ? await IfMatchAsync(
                http,
                revision => changes.PublishAsync(http.Actor(), id, revision, body.Value.Message, cancellationToken),
                published =>
                    published is { IsOk: true, Value.ChangeRequestId: { } request }
                        ? ApiResults.ChangeRequested(http, request)
                        : Answer(http, published.Map(change => change.Workflow!))
            )
            : ApiResults.From(body.Problem);
    }

    private static Task<IResult> ArchiveAsync(
        HttpContext http,
        WorkflowService workflows,
        string id,
        CancellationToken cancellationToken
    ) => IfMatchAsync(http, revision => workflows.ArchiveAsync(http.Actor(), id, revision, cancellationToken), view => Answer(http, view));

    private static Task<IResult> UnarchiveAsync(
        HttpContext http,
        WorkflowService workflows,
        string id,
        CancellationToken cancellationToken
    ) =>
        IfMatchAsync(http, revision => workflows.UnarchiveAsync(http.Actor(), id, revision, cancellationToken), view => Answer(http, view));

    private static async Task<IResult> IfMatchAsync<T>(HttpContext http, Func<int?, Task<Result<T>>> act, Func<Result<T>, IResult> answer)
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk ? answer(await act(revision.Value)) : ApiResults.From(revision.Problem);
    }

    private static IResult Answer(HttpContext http, Result<WorkflowView> view, bool created = false) =>
        ApiResults.From(
            view,
            value =>
            {
                ETags.Set(http, value.Revision);
                var answer = WorkflowAnswer.From(value);
                return created ? Results.Created($"/api/v1/workflows/{value.Id}", answer) : Results.Ok(answer);
            }
        );
}
