using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>Validates triggers when they are saved.</summary>
internal static class TriggerRules
{
    /// <param name="inputs">The inputs of the published version, otherwise of the draft.</param>
    /// <param name="before">The present settings of a webhook.</param>
    public static IReadOnlyList<FieldError> Find(
        TriggerContent content,
        IReadOnlyList<WorkflowInput> inputs,
        WebhookSettings? before = null
    ) =>
        content.Type switch
        {
            TriggerType.Manual => content.Schedule is null && content.Webhook is null
                ? [.. InputErrors(content, inputs)]
                : [new FieldError("type", "A manual trigger cannot have a schedule or a webhook.")],
            TriggerType.Scheduled => [.. ScheduleErrors(content), .. InputErrors(content, inputs)],
            TriggerType.Webhook => [.. WebhookErrors(content, inputs, before), .. InputErrors(content, inputs)],
        };

    private static IEnumerable<FieldError> ScheduleErrors(TriggerContent content)
    {
        if (content.Schedule is not { } schedule)
        {
            return [new FieldError("schedule", "A scheduled trigger needs a schedule with at least cron and timeZone.")];
        }

        var errors = ScheduleCalendar.Of(schedule).Problem?.Errors ?? [];
        return schedule.CatchUpLimit is >= 1 and <= ScheduleSettings.MostCaughtUp
            ? errors
            :
            [
                .. errors,
                new FieldError("schedule.catchUpLimit", $"The limit must be a number from 1 to {ScheduleSettings.MostCaughtUp}."),
            ];
    }

    /// <summary>True when only the sender can make the secret.</summary>
    public static bool IsSendersOwn(WebhookVerification verification) =>
        verification is WebhookVerification.Slack or WebhookVerification.Stripe;

    private static IEnumerable<FieldError> WebhookErrors(
        TriggerContent content,
        IReadOnlyList<WorkflowInput> inputs,
        WebhookSettings? before
    )
    {
        if (content.Webhook is not { } webhook)
        {
            return [new FieldError("webhook", "A webhook trigger needs settings with at least a verification.")];
        }

        return SecretError(webhook, before) is { } error
            ? [error, .. WebhookMapping.Problems(webhook.InputMapping, inputs)]
            : WebhookMapping.Problems(webhook.InputMapping, inputs);
    }

    private static FieldError? SecretError(WebhookContent webhook, WebhookSettings? before)
    {
        const string Field = "webhook.secret";
        return webhook.Secret switch
        {
            null => IsSendersOwn(webhook.Verification) && (before?.Secret is null || before.Verification != webhook.Verification)
                ? new FieldError(Field, "Paste the signing secret that the sender shows for this webhook.")
                : null,
            _ when webhook.Verification == WebhookVerification.None => new FieldError(Field, "Unsigned webhooks have no secret."),
            { Length: < MinSecret or > MaxSecret } => new FieldError(Field, $"A secret must have {MinSecret} to {MaxSecret} characters."),
            { } secret when secret.Any(character => character is <= ' ' or > '~') => new FieldError(
                Field,
                "A secret can contain only ASCII characters, without spaces."
            ),
            { } secret when webhook.Verification == WebhookVerification.StandardWebhooks && !WebhookSignatures.IsStandardSecret(secret) =>
                new FieldError(Field, "A Standard Webhooks secret is whsec_ followed by 16 to 128 bytes in base64."),
            _ => null,
        };
    }

    private const int MinSecret = 16;
    private const int MaxSecret = 200;

    /// <summary>A schedule has no one to fill in missing inputs; a webhook has its expressions, and people have the form.</summary>
    private static IEnumerable<FieldError> InputErrors(TriggerContent content, IReadOnlyList<WorkflowInput> inputs)
    {
        var errors = inputs
            .Where(input => input.Type.FileKind() is not null && content.Inputs.ContainsKey(input.Name))
            .Select(input => new FieldError($"inputs.{input.Name}", "A file cannot be a fixed value of a trigger. Leave it out."))
            .Concat(WorkflowInputs.Bind(inputs, content.Inputs).Problem?.Errors ?? [])
            .DistinctBy(error => error.Field)
            .ToList();
        return content.Type == TriggerType.Scheduled
            ? errors
            : errors.Where(error => content.Inputs.Keys.Any(name => error.Field == $"inputs.{name}"));
    }
}
