using System.Text.Json;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>A trigger as someone wants it.</summary>
/// <param name="Inputs">Fixed inputs for the runs, by name.</param>
/// <param name="Schedule">The schedule of a scheduled trigger.</param>
/// <param name="Webhook">The settings of a webhook trigger.</param>
public sealed record TriggerContent(
    TriggerType Type,
    bool Enabled,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    ScheduleSettings? Schedule = null,
    WebhookContent? Webhook = null
);

/// <summary>A webhook trigger's settings.</summary>
/// <param name="Secret">The sender's own secret in clear, in place of the present one; null: it stays, or one is made.</param>
public sealed record WebhookContent(
    WebhookVerification Verification,
    IReadOnlyDictionary<string, string> InputMapping,
    bool Answers = false,
    string? Secret = null
);

/// <summary>A trigger, and the secret that is shown this once.</summary>
/// <param name="Secret">The decrypted secret; null if there is none or it was shown before.</param>
public sealed record TriggerWithSecret(Trigger Trigger, string? Secret);
