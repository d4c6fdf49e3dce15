using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Web.Api;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Api;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>The endpoint for webhooks. It needs no API key: each trigger verifies its sender.</summary>
internal static class WebhookEndpoints
{
    private const int LongestWaitSeconds = 300;

    public static IServiceCollection AddWebhooks(this IServiceCollection services) => services.AddWebhookLimits().AddScoped<FreshSecrets>();

    public static WebApplication MapWebhooks(this WebApplication app)
    {
        app.MapPost("/hooks/{triggerId}", ReceiveAsync)
            .AllowAnonymous()
            .DisableAntiforgery()
            .RequireRateLimiting(WebhookLimits.Policy)
            .WithTags("Webhooks")
            .WithSummary("Start a run by sending an event to a webhook trigger")
            .WithDescription(
                """
                Signed as set in the trigger: Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), `X-Hub-Signature-256`, Slack, Stripe, `X-Gitlab-Token`, or `Authorization: Bearer SECRET`. JSON, form or text, up to 1 MB.
                Returns 202 with the run's id. The same `webhook-id` (or, without a signature over it, `X-GitHub-Delivery` or `Idempotency-Key`) always returns the same run.
                If the trigger returns outputs: with `?wait=SECONDS` (up to 300), 200 with the outputs once the run has ended, otherwise 202; with `Accept: text/event-stream`, the run as server-sent events
                `snapshot`, `run`, `step`, `delta`, `end`.
                """
            )
            .Produces<WebhookRunResponse>()
            .Produces<WebhookRunResponse>(StatusCodes.Status202Accepted)
            .ProducesProblem(400)
            .ProducesProblem(401)
            .ProducesProblem(403)
            .ProducesProblem(404)
            .ProducesProblem(409)
            .ProducesProblem(413)
            .ProducesProblem(422)
            .ProducesProblem(429)
            .ProducesProblem(503);
        return app;
    }

    private static async Task<IResult> ReceiveAsync(
        HttpContext http,
        WebhookReceiver receiver,
        RunService runs,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        string triggerId,
        [FromQuery] string? wait,
        CancellationToken cancellationToken
    )
    {
        var seconds = 0;
        if (
            wait is not null
            && (!int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds > LongestWaitSeconds)
        )
        {
            return ApiResults.From(Problem.AtField("wait", $"“wait” must be a number of seconds from 0 to {LongestWaitSeconds}."));
        }

        var wantsStream = http
            .Request.GetTypedHeaders()
            .Accept.Any(accept => accept.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));
        var arrival = new WebhookArrival(
            Headers(http.Request),
            stop => ReadBodyAsync(http.Request, stop),
            seconds > 0 || wantsStream,
            http.Connection.RemoteIpAddress?.ToString()
        );
        var outcome = await receiver.ReceiveAsync(triggerId, arrival, cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return ApiResults.From(problem);
        }

        if (outcome.Reply is { } reply)
        {
            return Results.Json(reply, AppJson.Options);
        }

        var accepted = Results.Json(
            new WebhookRunResponse(outcome.RunId!, outcome.Status),
            AppJson.Options,
            statusCode: StatusCodes.Status202Accepted
        );
        if (outcome.Status is null || !(wantsStream || seconds > 0))
        {
            return accepted;
        }

        var watch = await runs.WatchAsync(outcome.Reader, outcome.RunId!, cancellationToken);
        if (!watch.IsOk)
        {
            return accepted;
        }

        using var held = watch.Value;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            if (wantsStream)
            {
                var events = WebhookEventStream.ReadAsync(new RunEventStream(held, time), either.Token);
                await StreamedEvents.WriteAsync(http.Response, events, either.Token);
                return Results.Empty;
            }

            var view = await runs.WaitAsync(outcome.Reader, outcome.RunId!, TimeSpan.FromSeconds(seconds), either.Token);
            return view.IsOk && view.Value.IsFinished ? new StreamedJson(WebhookRunResponse.From(view.Value)) : accepted;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The sender went away, or the host stops: the run continues, and the sender can ask again under the same id.
            return http.Response.HasStarted ? Results.Empty : accepted;
        }
    }

    private static Dictionary<string, string> Headers(HttpRequest request) =>
        request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The bytes as they were signed; null as soon as there are too many.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > WebhookRequest.MaxBody)
        {
            return null;
        }

        using var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (body.Length + read.Buffer.Length > WebhookRequest.MaxBody)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }

            foreach (var part in read.Buffer)
            {
                body.Write(part.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body.GetBuffer().AsMemory(0, (int)body.Length);
            }
        }
    }
}
