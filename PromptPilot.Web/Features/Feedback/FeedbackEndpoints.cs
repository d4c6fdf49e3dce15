using PromptPilot.Core.Feedback;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Features.Runs.Api;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>: execution logs and what people say of them.</summary>
internal static class FeedbackEndpoints
{
    public static IEndpointRouteBuilder MapFeedback(this IEndpointRouteBuilder api)
    {
        var logs = api.MapGroup("/execution-logs").WithTags("Execution logs");
        logs.MapGet("/", ListAsync).WithSummary("List execution logs, newest first").Produces<Page<ExecutionLogBody>>();
        logs.MapGet("/{id}", FindAsync).WithSummary("Read an execution log").Produces<ExecutionLogBody>();
        logs.MapGet("/{id}/feedback", ListFeedbackAsync).WithSummary("List all feedback on an output").Produces<Page<FeedbackItem>>();
        logs.MapPut("/{id}/feedback", PutFeedbackAsync)
            .WithSummary("Give or change your own feedback on an output, or that of an end user of your application")
            .Produces<FeedbackItem>();
        logs.MapDelete("/{id}/feedback", DeleteFeedbackAsync)
            .WithSummary("Withdraw your feedback on an output, or that of an end user of your application")
            .Produces(StatusCodes.Status204NoContent);
        api.MapFeedbackList();
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        ExecutionLogService service,
        CancellationToken cancellationToken,
        string? workflowId = null,
        string? promptId = null,
        string? runId = null,
        string? status = null,
        string? after = null,
        int limit = 50
    )
    {
        var wanted = ApiWords.Read<ExecutionStatus>(nameof(status), status);
        if (!wanted.IsOk)
        {
            return ApiResults.From(wanted.Problem);
        }

        var page = await service.ListAsync(
            http.Actor(),
            new ExecutionLogFilter(workflowId, promptId, runId, wanted.Value),
            new PageRequest(after, limit),
            cancellationToken
        );
        return ApiResults.From(page.Map(logs => new Page<ExecutionLogBody>([.. logs.Items.Select(ExecutionLogBody.Of)], logs.Next)));
    }

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string id,
        ExecutionLogService service,
        CancellationToken cancellationToken
    ) => ApiResults.From((await service.FindAsync(http.Actor(), id, cancellationToken)).Map(ExecutionLogBody.Of));

    private static async Task<IResult> ListFeedbackAsync(
        HttpContext http,
        string id,
        FeedbackService service,
        CancellationToken cancellationToken
    ) => ApiResults.From((await service.ListAsync(http.Actor(), id, cancellationToken)).Map(items => new Page<FeedbackItem>(items, null)));

    private static async Task<IResult> PutFeedbackAsync(
        HttpContext http,
        string id,
        JsonBody<FeedbackBody> body,
        FeedbackService service,
        CancellationToken cancellationToken
    ) =>
        body.Value is { Rating: not null, Thumb: not null }
            ? ApiResults.From(Problem.AtField("thumb", "Send either a rating or a thumb, not both."))
            : ApiResults.From(
                await service.PutAsync(
                    http.Actor(),
                    id,
                    new FeedbackInput(
                        body.Value.Thumb is { } thumb ? RatingOf(thumb) : body.Value.Rating ?? 0,
                        body.Value.Comment ?? "",
                        body.Value.Tags?.OfType<string>().ToList() ?? [],
                        body.Value.CorrectedOutput,
                        body.Value.EndUser
                    ),
                    cancellationToken
                )
            );

    private static async Task<IResult> DeleteFeedbackAsync(
        HttpContext http,
        string id,
        FeedbackService service,
        CancellationToken cancellationToken,
        string? endUser = null
    ) => ApiResults.From(await service.DeleteAsync(http.Actor(), id, endUser, cancellationToken), _ => Results.NoContent());

    private static int RatingOf(Thumb thumb) =>
        thumb switch
        {
            Thumb.Up => 5,
            Thumb.Down => 1,
        };

    internal enum Thumb
    {
        Up,
        Down,
    }

    /// <summary>The body of a PUT.</summary>
    /// <param name="Thumb">Instead of a rating: up is 5, down is 1.</param>
    /// <param name="EndUser">Your application's own id of who rated; each has a rating of their own.</param>
    /// <param name="CorrectedOutput">Without it, what is stored stays; an empty text removes it.</param>
    internal sealed record FeedbackBody(
        int? Rating,
        string? Comment,
        IReadOnlyList<string?>? Tags,
        string? CorrectedOutput,
        Thumb? Thumb = null,
        string? EndUser = null
    );
}
