using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Api;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>A run as the sender of a webhook sees it: outputs, if the trigger returns them; never prompts, logs or costs.</summary>
internal sealed record WebhookRunResponse(
    string Id,
    RunStatus? Status,
    IReadOnlyDictionary<string, JsonElement>? Outputs = null,
    RunError? Error = null
)
{
    /// <summary>In a stream's first event: the steps, to which deltas refer.</summary>
    public IReadOnlyList<WebhookStepResponse>? Steps { get; init; }

    public static WebhookRunResponse From(RunState view) => new(view.Id, view.Status, view.Outputs, view.Error);

    public static WebhookRunResponse From(RunResponse run) =>
        new(run.Id, run.Status, run.Outputs, run.Error)
        {
            Steps = run.Steps is null ? null : [.. run.Steps.Select(WebhookStepResponse.From)],
        };
}

/// <summary>A step of a run.</summary>
internal sealed record WebhookStepResponse(
    string StepId,
    string OutputKey,
    StepStatus Status,
    JsonElement? Output,
    IReadOnlyList<PartialResponse>? Partials
)
{
    public static WebhookStepResponse From(StepResponse step) => new(step.StepId, step.OutputKey, step.Status, step.Output, step.Partials);
}

/// <summary>A run's events, cut down to what the sender of a webhook may see.</summary>
internal static class WebhookEventStream
{
    public static async IAsyncEnumerable<SseItem<object>> ReadAsync(
        RunEventStream events,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var item in events.ReadAsync(cancellationToken))
        {
            object? shown = item.Data switch
            {
                RunResponse run => WebhookRunResponse.From(run),
                StepResponse step => WebhookStepResponse.From(step),
                DeltaResponse delta => delta,
                _ => null,
            };
            if (shown is not null)
            {
                yield return new SseItem<object>(shown, item.EventType) { EventId = item.EventId };
            }
        }
    }
}
