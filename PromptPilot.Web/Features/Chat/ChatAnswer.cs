using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api.Calls;

namespace PromptPilot.Web.Features.Chat;

/// <summary>The tokens of an answer.</summary>
internal sealed record ChatUsage(long Input, long Output)
{
    public object Shape() =>
        new
        {
            prompt_tokens = Input,
            completion_tokens = Output,
            total_tokens = Input + Output,
        };
}

/// <summary>Why an answer failed, after it may have begun.</summary>
internal sealed record ChatFailure(int Status, string Message, string Code)
{
    public static ChatFailure Of(ErrorCode? code, string? message) =>
        new(CallFailures.StatusOf(code), message ?? "The model call failed.", code is { } known ? ChatErrors.CodeOf(known) : "internal");
}

/// <summary>
/// One answer in the shape of a chat completion, whole or in chunks. The stream starts with the first text or sign of life; until then an
/// error has a status of its own.
/// </summary>
internal sealed class ChatAnswer(HttpContext http, ChatRequest request, DateTimeOffset now)
{
    private readonly EventStream _events = new(http.Response);
    private readonly string _id = "chatcmpl-" + Ids.New();

    public bool IsStreamed => request.IsStreamed;

    /// <summary>A piece of the answer.</summary>
    public async Task SendTextAsync(string text, CancellationToken cancellationToken)
    {
        if (request.IsStreamed)
        {
            await BeginAsync(cancellationToken);
            await SendAsync(Choice(new { content = text }, null), cancellationToken);
        }
    }

    /// <summary>What is being done: clients that know reasoning show it, others ignore it.</summary>
    public async Task SendProgressAsync(string text, CancellationToken cancellationToken)
    {
        if (request.IsStreamed)
        {
            await BeginAsync(cancellationToken);
            await SendAsync(Choice(new { reasoning_content = text + "\n" }, null), cancellationToken);
        }
    }

    /// <summary>A sign of life while nothing comes.</summary>
    public Task BeatAsync(CancellationToken cancellationToken) =>
        request.IsStreamed ? _events.CommentAsync("still working", cancellationToken) : Task.CompletedTask;

    /// <param name="rest">The answer as far as it was not sent; of one that is not streamed, all of it.</param>
    public async Task<IResult> EndAsync(string rest, bool isTruncated, ChatUsage usage, CancellationToken cancellationToken)
    {
        var finish = isTruncated ? "length" : "stop";
        if (!request.IsStreamed)
        {
            return Results.Ok(
                new
                {
                    id = _id,
                    @object = "chat.completion",
                    created = now.ToUnixTimeSeconds(),
                    model = request.Model,
                    choices = new[]
                    {
                        new
                        {
                            index = 0,
                            message = new { role = "assistant", content = rest },
                            finish_reason = finish,
                        },
                    },
                    usage = usage.Shape(),
                }
            );
        }

        await BeginAsync(cancellationToken);
        if (rest.Length > 0)
        {
            await SendAsync(Choice(new { content = rest }, null), cancellationToken);
        }

        await SendAsync(Choice(new { }, finish), cancellationToken);
        if (request.WithUsage)
        {
            await SendAsync(Chunk([], usage.Shape()), cancellationToken);
        }

        await _events.SendTextAsync("[DONE]", cancellationToken);
        return Results.Empty;
    }

    /// <summary>Refuses a request before any call. After a sign of life, only an event of the stream can say so.</summary>
    public async Task<IResult> RefuseAsync(Problem problem, CancellationToken cancellationToken)
    {
        if (!_events.HasStarted)
        {
            return ChatErrors.From(problem);
        }

        await SendAsync(ChatErrors.Shape(problem), cancellationToken);
        return Results.Empty;
    }

    public async Task<IResult> FailAsync(ChatFailure failure, CancellationToken cancellationToken)
    {
        if (!_events.HasStarted)
        {
            return ChatErrors.Result(failure.Status, failure.Message, failure.Code, null);
        }

        await SendAsync(ChatErrors.Shape(failure.Status, failure.Message, failure.Code, null), cancellationToken);
        return Results.Empty;
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            await SendAsync(Choice(new { role = "assistant", content = "" }, null), cancellationToken);
        }
    }

    private bool _hasBegun;

    private Task SendAsync(object chunk, CancellationToken cancellationToken) => _events.SendAsync(null, chunk, cancellationToken);

    private object Choice(object delta, string? finish) =>
        Chunk(
            [
                new
                {
                    index = 0,
                    delta,
                    finish_reason = finish,
                },
            ],
            null
        );

    private object Chunk(object[] choices, object? usage) =>
        new
        {
            id = _id,
            @object = "chat.completion.chunk",
            created = now.ToUnixTimeSeconds(),
            model = request.Model,
            choices,
            usage,
        };
}
