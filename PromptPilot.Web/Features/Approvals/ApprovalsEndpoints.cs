using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Approvals;

/// <summary>
/// Change requests under <c>/api/v1/change-requests</c>. Only signed-in people can approve or override, so the API has neither.
/// </summary>
internal static class ApprovalsEndpoints
{
    public static IEndpointRouteBuilder MapApprovals(this IEndpointRouteBuilder api)
    {
        var requests = api.MapGroup("/change-requests").WithTags("Change requests");
        requests
            .MapGet("/", ListAsync)
            .WithSummary("List change requests, newest first")
            .WithDescription(
                "Filter by `promptId`, `workflowId` and `status` (open, applied, rejected, withdrawn, overridden or outdated)."
            )
            .Produces<Page<ChangeListItem>>();
        requests
            .MapGet("/{id}", FindAsync)
            .WithSummary("Read a change request with its requirements, approvals and comments")
            .Produces<ChangeView>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        requests
            .MapPost("/{id}/comments", CommentAsync)
            .WithSummary("Comment on a change request")
            .Accepts<CommentBody>("application/json")
            .Produces<ChangeView>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        requests
            .MapPost("/{id}/experiment", RunExperimentAsync)
            .WithSummary("Rerun the experiment of an open change request")
            .Produces<ChangeView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        requests
            .MapPost("/{id}/reject", RejectAsync)
            .WithSummary("Reject an open change request, with a reason")
            .Accepts<ReasonBody>("application/json")
            .Produces<ChangeView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        requests
            .MapPost("/{id}/withdraw", WithdrawAsync)
            .WithSummary("Withdraw your own change request")
            .Produces<ChangeView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        api.MapProtections();
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        ChangeListService changes,
        CancellationToken cancellationToken,
        string? status = null,
        string? promptId = null,
        string? workflowId = null,
        string? after = null,
        int limit = 50
    )
    {
        var wanted = ApiWords.Read<ChangeStatus>("status", status);
        return wanted.IsOk
            ? ApiResults.From(
                await changes.ListAsync(
                    http.Actor(),
                    new ChangeFilter(wanted.Value, promptId, workflowId),
                    new PageRequest(after, limit),
                    cancellationToken
                )
            )
            : ApiResults.From(wanted.Problem);
    }

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string id,
        ChangeListService changes,
        CancellationToken cancellationToken
    ) => ApiResults.From(await changes.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> CommentAsync(
        HttpContext http,
        string id,
        ChangeDecisionService decisions,
        ChangeListService changes,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<CommentBody>(http, cancellationToken);
        return body.IsOk
            ? await AnswerAsync(
                http,
                id,
                await decisions.CommentAsync(http.Actor(), id, body.Value.Text ?? "", cancellationToken),
                changes,
                cancellationToken
            )
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> RunExperimentAsync(
        HttpContext http,
        string id,
        ChangeRequestService requests,
        ChangeListService changes,
        CancellationToken cancellationToken
    ) => await AnswerAsync(http, id, await requests.RunExperimentAsync(http.Actor(), id, cancellationToken), changes, cancellationToken);

    private static async Task<IResult> RejectAsync(
        HttpContext http,
        string id,
        ChangeDecisionService decisions,
        ChangeListService changes,
        CancellationToken cancellationToken
    )
    {
        var body = await ApiBody.ReadAsync<ReasonBody>(http, cancellationToken);
        return body.IsOk
            ? await AnswerAsync(
                http,
                id,
                await decisions.RejectAsync(http.Actor(), id, body.Value.Reason ?? "", cancellationToken),
                changes,
                cancellationToken
            )
            : ApiResults.From(body.Problem);
    }

    private static async Task<IResult> WithdrawAsync(
        HttpContext http,
        string id,
        ChangeDecisionService decisions,
        ChangeListService changes,
        CancellationToken cancellationToken
    ) => await AnswerAsync(http, id, await decisions.WithdrawAsync(http.Actor(), id, cancellationToken), changes, cancellationToken);

    /// <summary>The current request, or the problem.</summary>
    private static async Task<IResult> AnswerAsync<T>(
        HttpContext http,
        string id,
        Result<T> done,
        ChangeListService changes,
        CancellationToken cancellationToken
    ) => done.IsOk ? ApiResults.From(await changes.FindAsync(http.Actor(), id, cancellationToken)) : ApiResults.From(done.Problem);

    internal sealed record CommentBody(string? Text);

    internal sealed record ReasonBody(string? Reason);
}
