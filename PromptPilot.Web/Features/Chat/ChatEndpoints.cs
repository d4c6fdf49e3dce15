using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Runs.Chat;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Calls;

namespace PromptPilot.Web.Features.Chat;

/// <summary>Prompts and workflows for programs that speak OpenAI's chat completions, under <c>/v1</c>.</summary>
internal static class ChatEndpoints
{
    private const string Models = "/v1/models";

    public static IServiceCollection AddChat(this IServiceCollection services) =>
        services.AddSingleton<RunChat>().Configure<ProblemDetailsOptions>(problems => problems.CustomizeProblemDetails = ChatErrors.AddTo);

    public static void MapChat(this IEndpointRouteBuilder app)
    {
        var chat = app.MapGroup("/v1")
            .RequireAuthorization(new AuthorizationPolicyBuilder(ApiKeyAuthentication.Scheme).RequireAuthenticatedUser().Build())
            .ExcludeFromDescription();
        chat.MapGet("/models", ListAsync);
        chat.MapGet("/models/{**model}", FindAsync);
        chat.MapPost("/chat/completions", CompleteAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ChatModelService models, CancellationToken cancellationToken)
    {
        var list = await models.ListAsync(http.Actor(), cancellationToken);
        return list.IsOk ? Results.Ok(new { @object = "list", data = list.Value.Select(Shape) }) : ChatErrors.From(list.Problem);
    }

    private static async Task<IResult> FindAsync(
        HttpContext http,
        string model,
        ChatModelService models,
        CancellationToken cancellationToken
    )
    {
        // The framework leaves %2F as it is, so the id is read from the address as it was sent.
        var raw = (http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0];
        var place = raw.IndexOf(Models, StringComparison.OrdinalIgnoreCase);
        var start = place + Models.Length + 1;
        // An address with other escapes can have the path elsewhere, even at its end.
        var id = place < 0 || start >= raw.Length ? model : Uri.UnescapeDataString(raw[start..]);
        var list = await models.ListAsync(http.Actor(), cancellationToken);
        return !list.IsOk ? ChatErrors.From(list.Problem)
            : list.Value.FirstOrDefault(one => one.Id == id) is { } found ? Results.Ok(Shape(found))
            : ChatErrors.From(new Problem(ProblemKind.NotFound, $"There is no model “{id}” for this key. GET /v1/models lists them.", []));
    }

    private static async Task<IResult> CompleteAsync(
        HttpContext http,
        ChatModelService models,
        PromptCallService prompts,
        LiveCall live,
        RunChat runs,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var request = await ReadAsync(http, cancellationToken);
        if (!request.IsOk)
        {
            return ChatErrors.From(request.Problem);
        }

        var target = await models.ResolveAsync(http.Actor(), request.Value.Model, request.Value.Messages, cancellationToken);
        if (!target.IsOk)
        {
            return ChatErrors.From(target.Problem);
        }

        var answer = new ChatAnswer(http, request.Value, time.GetUtcNow());
        try
        {
            return target.Value.Prompt is { } call
                ? await AnswerAsync(http.Actor(), call, request.Value, prompts, live, answer, cancellationToken)
                : await runs.AnswerAsync(http.Actor(), target.Value, answer, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The client went away, may no longer call, or the host stops.
            return http.Response.HasStarted || cancellationToken.IsCancellationRequested
                ? Results.Empty
                : ChatErrors.From(
                    new Problem(ProblemKind.Unavailable, "The call ended because the key was revoked or the portal is stopping.", [])
                );
        }
    }

    private static async Task<IResult> AnswerAsync(
        Actor actor,
        PromptCall call,
        ChatRequest request,
        PromptCallService prompts,
        LiveCall live,
        ChatAnswer answer,
        CancellationToken cancellationToken
    )
    {
        var sent = 0;
        var result = await live.MakeAsync(
            actor,
            (text, stop) => prompts.CompleteAsync(actor, call, new ModelChoice(Parameters: request.Parameters), text, stop),
            (text, stop) =>
            {
                sent += request.IsStreamed ? text.Length : 0;
                return answer.SendTextAsync(text, stop);
            },
            answer.BeatAsync,
            cancellationToken
        );
        if (!result.IsOk)
        {
            return await answer.RefuseAsync(result.Problem, cancellationToken);
        }

        var log = result.Value.Log;
        return log.Status == ExecutionStatus.Success
            ? await answer.EndAsync(
                log.Output[Math.Min(sent, log.Output.Length)..],
                log.Truncated,
                new ChatUsage(log.InputTokens, log.OutputTokens),
                cancellationToken
            )
            : await answer.FailAsync(ChatFailure.Of(log.ErrorCode, log.ErrorMessage), cancellationToken);
    }

    private static async Task<Result<ChatRequest>> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Request.HasJsonContentType())
        {
            return new Problem(ProblemKind.UnsupportedType, "Send the body as JSON, with Content-Type: application/json.", []);
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(
                http.Request.Body,
                new JsonDocumentOptions { MaxDepth = AppJson.Options.MaxDepth },
                cancellationToken
            );
            return ChatRequest.Read(body.RootElement);
        }
        catch (JsonException)
        {
            return Problem.Invalid("The body is not valid JSON.");
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BadRequests.TooLarge(http);
        }
    }

    private static object Shape(ChatModel model) =>
        new
        {
            id = model.Id,
            @object = "model",
            created = new DateTimeOffset(model.CreatedAt).ToUnixTimeSeconds(),
            owned_by = "promptpilot",
            name = model.Name,
            description = model.Description,
        };
}
