using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Api.Calls;

namespace PromptPilot.Web.Features.Prompts.Calls;

/// <summary>Calls of prompts by their name, under <c>/api/v1/prompts/by-name/{name}</c>.</summary>
internal static class PromptCallEndpoints
{
    public static void MapPromptCalls(this IEndpointRouteBuilder prompts)
    {
        prompts
            .MapPost("/by-name/{name}/render", RenderAsync)
            .WithSummary("Render a prompt: its messages with the values of `variables`. Calls no model")
            .Produces<RenderResponse>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        prompts
            .MapPost("/by-name/{name}/complete", CompleteAsync)
            .WithSummary("Call a model with a prompt and return its answer. The call is recorded as an execution log")
            .WithDescription(
                "With `stream`, returns server-sent events: `delta` with text, then `end` with the whole answer, or `error` with a "
                    + "problem. A closed connection cancels the call."
            )
            .Produces<CompleteResponse>()
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status402PaymentRequired)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status502BadGateway);
    }

    private static async Task<IResult> RenderAsync(
        HttpContext http,
        string name,
        JsonBody<RenderBody> body,
        PromptCallService calls,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            (await calls.RenderAsync(http.Actor(), body.Value.ToCall(PromptName.Of(http, name)), cancellationToken)).Map(
                RenderResponse.From
            )
        );

    private static async Task<IResult> CompleteAsync(
        HttpContext http,
        string name,
        JsonBody<CompleteBody> body,
        PromptCallService calls,
        LiveCall live,
        CancellationToken cancellationToken
    )
    {
        var (call, model) = (body.Value.ToCall(PromptName.Of(http, name)), new ModelChoice(body.Value.Model, body.Value.Parameters));
        var isStreamed = body.Value.Stream is true;
        var events = new EventStream(http.Response);
        try
        {
            var result = await live.MakeAsync(
                http.Actor(),
                (text, stop) => calls.CompleteAsync(http.Actor(), call, model, text, stop),
                (text, stop) => isStreamed ? events.SendAsync("delta", new { text }, stop) : Task.CompletedTask,
                stop => isStreamed ? events.CommentAsync("still working", stop) : Task.CompletedTask,
                cancellationToken
            );
            return await AnswerAsync(result, isStreamed, events, cancellationToken);
        }
        catch (OperationCanceledException) when (events.HasStarted)
        {
            // The client went away, or may no longer read.
            return Results.Empty;
        }
    }

    private static async Task<IResult> AnswerAsync(
        Result<PromptCompletion> result,
        bool isStreamed,
        EventStream events,
        CancellationToken cancellationToken
    )
    {
        if (!result.IsOk)
        {
            // Once the stream has started, only its events can tell.
            if (!events.HasStarted)
            {
                return ApiResults.From(result.Problem);
            }

            await events.SendAsync("error", new { detail = result.Problem.Message }, cancellationToken);
            return Results.Empty;
        }

        var isFailed = result.Value.Log.Status != ExecutionStatus.Success;
        if (isFailed && !events.HasStarted)
        {
            return CallFailures.From(result.Value.Log);
        }

        if (!isStreamed)
        {
            return Results.Ok(CompleteResponse.From(result.Value));
        }

        await (
            isFailed
                ? events.SendAsync("error", CallFailures.Details(result.Value.Log), cancellationToken)
                : events.SendAsync("end", CompleteResponse.From(result.Value), cancellationToken)
        );
        return Results.Empty;
    }
}
