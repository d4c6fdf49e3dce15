using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>
/// Deliveries of the kind <c>webhook</c>, signed by Standard Webhooks. The delivery's id is the message's, over all attempts; the time is
/// the attempt's.
/// </summary>
public sealed class WebhookMessages(HookHttp http, HookSecrets secrets, HookLinks links, TimeProvider time)
{
    internal async Task<AttemptOutcome> SendAsync(IntegrationHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        var payload = HookPayload.Parse(delivery.Payload);
        var rendered = hook.Body is { } template
            ? BodyTemplate.Render(template, payload, links.Of(payload), cancellationToken)
            : JsonSerializer.SerializeToUtf8Bytes(WebhookMessage.Of(payload, links.Of(payload)), AppJson.Options);
        if (!rendered.IsOk)
        {
            return new AttemptOutcome(
                AttemptVerdict.NotReady,
                $"The hook's body cannot be rendered for this message. {rendered.Problem.Message} Change the body, then resend the message."
            );
        }

        var body = rendered.Value;
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string> { ["webhook-id"] = delivery.Id, ["webhook-timestamp"] = timestamp };
        if (hook.AuthToken is { } token)
        {
            headers["webhook-signature"] = "v1," + WebhookSignatures.SignStandard(secrets.Decrypt(token), delivery.Id, timestamp, body);
        }

        return await http.PostAsync(new Uri(secrets.AddressOf(hook)), body, headers, cancellationToken);
    }
}

/// <summary>The body of a webhook delivery, as Standard Webhooks lays it out.</summary>
/// <param name="Type"><c>run.succeeded</c>, <c>run.failed</c>, <c>run.waiting</c>, <c>change.requested</c>, <c>change.approved</c>,
/// <c>change.rejected</c>, <c>change.withdrawn</c>, <c>change.applied</c> or <c>test</c>.</param>
/// <param name="Timestamp">When it happened, which may be long before it arrives.</param>
internal sealed record WebhookMessage(string Type, DateTime Timestamp, WebhookMessageData Data)
{
    public static WebhookMessage Of(HookPayload payload, MessageLinks links) =>
        new(
            TypeOf(payload),
            payload.At,
            new WebhookMessageData(
                payload.RunId,
                payload.WorkflowId,
                payload.WorkflowName,
                payload.WorkflowVersion,
                payload.Status,
                payload.TriggerKind,
                payload.StartedAt,
                payload.FinishedAt,
                payload.DurationMs,
                payload.Outputs,
                payload.OmittedOutputs,
                payload.Error,
                [
                    .. payload.Reviews.Select(
                        (review, at) =>
                            new WebhookReview(review.StepId, review.OutputKey, review.Instructions, review.Until, links.OfReview(at))
                    ),
                ],
                links.Page,
                payload.Change
            )
        );

    public static string TypeOf(HookPayload payload) =>
        payload.Event?.ToString().ToLowerInvariant() switch
        {
            null => "test",
            var change when payload.Change is not null => $"change.{change["change".Length..]}",
            var run => $"run.{run}",
        };
}

/// <summary>An output that waits for a person.</summary>
/// <param name="Url">Leads a person to the review, through sign-in. It expires.</param>
internal sealed record WebhookReview(string StepId, string OutputKey, string? Instructions, DateTime? Until, string? Url);

/// <summary>The event that a message reports.</summary>
/// <param name="Outputs">The chosen outputs, by key.</param>
/// <param name="OmittedOutputs">Keys of chosen outputs that were too long for a message.</param>
/// <param name="Url">The page of the run or change request.</param>
/// <param name="Change">Only of a change request.</param>
internal sealed record WebhookMessageData(
    string? RunId,
    string WorkflowId,
    string WorkflowName,
    int? WorkflowVersion,
    RunStatus? Status,
    TriggerType? TriggerKind,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    long? DurationMs,
    IReadOnlyDictionary<string, JsonElement> Outputs,
    IReadOnlyList<string> OmittedOutputs,
    RunError? Error,
    IReadOnlyList<WebhookReview> Reviews,
    string? Url,
    HookChange? Change
);
