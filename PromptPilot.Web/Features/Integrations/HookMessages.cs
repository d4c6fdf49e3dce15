using System.ComponentModel;
using System.Text.Json;
using PromptPilot.Core.Integrations;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>A hook as clients send it.</summary>
internal sealed record HookBody
{
    public HookType Type { get; init; }

    public string? Name { get; init; }

    public string? TargetUrl { get; init; }

    public string? AuthToken { get; init; }

    public IReadOnlyList<HookEvent>? On { get; init; }

    public IReadOnlyList<string>? Outputs { get; init; }

    public bool Enabled { get; init; } = true;

    [Description("Webhooks only: a custom body, JSON as a Liquid template. Omitted: the standard body.")]
    public string? Body { get; init; }

    public HookContent ToContent() =>
        new(Type, Name, TargetUrl, AuthToken, On ?? [HookEvent.Succeeded, HookEvent.Failed], Outputs, Enabled) { Body = Body };
}

/// <summary>A hook in responses. <c>authToken</c> is present only in the response that created it.</summary>
internal sealed record HookAnswer(
    string Id,
    string Name,
    HookType Type,
    string TargetUrl,
    bool HasAuthToken,
    string? AuthToken,
    string LinkedWorkflowId,
    IReadOnlyList<HookEvent> On,
    IReadOnlyList<string>? Outputs,
    bool Enabled,
    string? DisabledReason,
    DateTime CreatedAt,
    int Revision,
    string? Body
)
{
    public static HookAnswer From(HookView hook, string? secret = null) =>
        new(
            hook.Id,
            hook.Name,
            hook.Type,
            hook.TargetUrl,
            hook.HasSecret,
            secret,
            hook.WorkflowId,
            hook.On,
            hook.Outputs,
            hook.Enabled,
            hook.DisabledReason,
            hook.CreatedAt,
            hook.Revision,
            hook.Body
        );
}

/// <summary>A delivery, as clients get it.</summary>
internal sealed record DeliveryAnswer(
    string Id,
    string HookId,
    string? RunId,
    HookEvent? Event,
    DeliveryState State,
    int Attempts,
    DateTime CreatedAt,
    DateTime? NextAttemptAt,
    DateTime? EndedAt,
    AttemptVerdict? LastVerdict,
    int? LastStatus,
    string? LastError
)
{
    public static DeliveryAnswer From(DeliveryItem item) =>
        new(
            item.Id,
            item.HookId,
            item.RunId,
            item.Event,
            item.State,
            item.Attempts,
            item.CreatedAt,
            item.NextAttemptAt,
            item.EndedAt,
            item.LastVerdict,
            item.LastStatus,
            item.LastError
        );
}

/// <summary>A delivery with its message and every attempt.</summary>
internal sealed record DeliveryDetailsAnswer(DeliveryAnswer Delivery, JsonElement Payload, IReadOnlyList<AttemptAnswer> Attempts)
{
    public static DeliveryDetailsAnswer From(DeliveryView view) =>
        new(
            DeliveryAnswer.From(view.Delivery),
            JsonSerializer.Deserialize<JsonElement>(view.Payload, Core.Shared.AppJson.Options),
            [.. view.Attempts.Select(AttemptAnswer.From)]
        );
}

/// <summary>One attempt, as clients get it.</summary>
internal sealed record AttemptAnswer(
    int Number,
    DateTime At,
    AttemptVerdict Verdict,
    int? StatusCode,
    string Detail,
    string Excerpt,
    long DurationMs,
    DateTime? NextAttemptAt
)
{
    public static AttemptAnswer From(HookAttempt attempt) =>
        new(
            attempt.Number,
            attempt.At,
            attempt.Verdict,
            attempt.StatusCode,
            attempt.Detail,
            attempt.Excerpt,
            attempt.DurationMs,
            attempt.NextAttemptAt
        );
}
