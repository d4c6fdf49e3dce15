using System.Text.Json;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>A trigger as clients send it.</summary>
internal sealed record TriggerBody
{
    public TriggerType Type { get; init; }

    public bool Enabled { get; init; } = true;

    public Dictionary<string, JsonElement>? Inputs { get; init; }

    public ScheduleBody? Schedule { get; init; }

    public WebhookBody? Webhook { get; init; }

    public TriggerContent ToContent() => new(Type, Enabled, Inputs ?? [], Schedule?.ToSettings(), Webhook?.ToContent());
}

/// <summary>A schedule as clients send it.</summary>
internal sealed record ScheduleBody
{
    public string? Cron { get; init; }

    public string? TimeZone { get; init; }

    public MisfirePolicy Misfire { get; init; }

    public int? CatchUpLimit { get; init; }

    public OverlapPolicy Overlap { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public ScheduleSettings ToSettings() =>
        new()
        {
            Cron = Cron?.Trim() ?? "",
            TimeZone = TimeZone?.Trim() ?? "UTC",
            Misfire = Misfire,
            CatchUpLimit = CatchUpLimit ?? 10,
            Overlap = Overlap,
            StartsAt = StartsAt?.UtcDateTime,
            EndsAt = EndsAt?.UtcDateTime,
        };
}

/// <summary>A webhook's settings as clients send them.</summary>
internal sealed record WebhookBody
{
    public WebhookVerification Verification { get; init; }

    public Dictionary<string, string>? InputMapping { get; init; }

    public bool Answers { get; init; }

    /// <summary>The sender's own secret, in place of the present one. Never sent back.</summary>
    public string? Secret { get; init; }

    public WebhookContent ToContent() => new(Verification, InputMapping ?? [], Answers, Secret);
}

/// <summary>A trigger in responses. <c>secret</c> is present only in the response that created it.</summary>
internal sealed record TriggerAnswer(
    string Id,
    TriggerType Type,
    bool Enabled,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    ScheduleSettings? Schedule,
    DateTime? NextAt,
    DateTime? LastFiredAt,
    WebhookAnswer? Webhook,
    string? Url,
    string? Secret,
    DateTime CreatedAt,
    int Revision
)
{
    public static TriggerAnswer From(Trigger trigger) => From(trigger, null, null);

    private static string AddressOf(Trigger trigger, HttpContext? http) =>
        http is null
            ? $"/hooks/{trigger.Id}"
            : http.RequestServices.GetRequiredService<PortalAddress>().LinkTo($"/hooks/{trigger.Id}", http.Asked());

    /// <param name="http">To name the address of a webhook whole; null names its path only.</param>
    public static TriggerAnswer From(Trigger trigger, string? secret, HttpContext? http) =>
        new(
            trigger.Id,
            trigger.Type,
            trigger.Enabled,
            trigger.Inputs,
            trigger.Schedule,
            trigger.NextAt,
            trigger.LastFiredAt,
            trigger.Webhook is { } webhook
                ? new WebhookAnswer(webhook.Verification, webhook.InputMapping, webhook.Answers, webhook.PreviousSecretUntil)
                : null,
            trigger.Type == TriggerType.Webhook ? AddressOf(trigger, http) : null,
            secret,
            trigger.CreatedAt,
            trigger.Revision
        );
}

/// <summary>A webhook's settings, as clients get them.</summary>
internal sealed record WebhookAnswer(
    WebhookVerification Verification,
    IReadOnlyDictionary<string, string> InputMapping,
    bool Answers,
    DateTime? PreviousSecretUntil
);
