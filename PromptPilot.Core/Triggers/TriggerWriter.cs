using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>Writes settings into the row of a trigger.</summary>
internal static class TriggerWriter
{
    /// <summary>Puts checked settings into the row.</summary>
    /// <returns>The secret in clear, if the trigger got one now.</returns>
    public static string? Apply(Trigger trigger, TriggerContent content, TriggerSecrets secrets, DateTime now)
    {
        var before = (trigger.Enabled, trigger.Schedule);
        trigger.Enabled = content.Enabled;
        trigger.Inputs = content.Inputs.ToDictionary();
        trigger.Schedule = content.Schedule;
        if (before != (trigger.Enabled, trigger.Schedule))
        {
            trigger.NextAt = NextOf(trigger, now);
        }

        if (content.Webhook is not { } webhook)
        {
            return null;
        }

        var old = trigger.Webhook;
        var keeps = webhook.Secret is null && old?.Secret is not null && secrets.Fits(old, webhook.Verification);
        var made = !keeps && webhook.Secret is null && webhook.Verification != WebhookVerification.None ? TriggerSecrets.Make() : null;
        var secret = webhook.Secret ?? made;
        trigger.Webhook = new WebhookSettings
        {
            Verification = webhook.Verification,
            InputMapping = webhook.InputMapping.ToDictionary(),
            Answers = webhook.Answers,
            Secret = secret is null ? old?.Secret : secrets.Encrypt(secret),
            PreviousSecret = keeps ? old?.PreviousSecret : null,
            PreviousSecretUntil = keeps ? old?.PreviousSecretUntil : null,
        };
        return made;
    }

    /// <summary>The next time of a schedule that is on; null otherwise.</summary>
    public static DateTime? NextOf(Trigger trigger, DateTime now) =>
        trigger is { Enabled: true, Schedule: { } schedule } ? ScheduleCalendar.Of(schedule).Value.NextAfter(now) : null;

    /// <summary>Gives a webhook a new secret, and keeps the present one for a while.</summary>
    /// <returns>The new secret in clear.</returns>
    public static string Rotate(Trigger trigger, WebhookSettings webhook, TriggerSecrets secrets, DateTime previousUntil)
    {
        var secret = TriggerSecrets.Make();
        trigger.Webhook = new WebhookSettings
        {
            Verification = webhook.Verification,
            InputMapping = webhook.InputMapping,
            Answers = webhook.Answers,
            Secret = secrets.Encrypt(secret),
            PreviousSecret = webhook.Secret,
            PreviousSecretUntil = previousUntil,
        };
        return secret;
    }
}
