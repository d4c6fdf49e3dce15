using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>Validates triggers when they are saved.</summary>
internal static class TriggerRules
{
    /// <param name="inputs">The inputs of the published version, otherwise of the draft.</param>
    public static IReadOnlyList<FieldError> Find(TriggerContent content, IReadOnlyList<WorkflowInput> inputs) =>
        content.Type switch
        {
            TriggerType.Manual => content.Schedule is null && content.Webhook is null
                ? [.. InputErrors(content, inputs)]
                : [new FieldError("type", "A manual trigger cannot have a schedule or a webhook.")],
            TriggerType.Scheduled => [.. ScheduleErrors(content), .. InputErrors(content, inputs)],
            TriggerType.Webhook => [.. WebhookErrors(content, inputs), .. InputErrors(content, inputs)],
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

    private static IEnumerable<FieldError> WebhookErrors(TriggerContent content, IReadOnlyList<WorkflowInput> inputs)
    {
        if (content.Webhook is not { } webhook)
        {
            return [new FieldError("webhook", "A webhook trigger needs settings with at least a verification.")];
        }

        return WebhookMapping.Problems(webhook.InputMapping, inputs);
    }

    /// <summary>A schedule has no one to fill in missing inputs; a webhook has its expressions, and people have the form.</summary>
    private static IEnumerable<FieldError> InputErrors(TriggerContent content, IReadOnlyList<WorkflowInput> inputs)
    {
        var errors = WorkflowInputs.Bind(inputs, content.Inputs).Problem?.Errors ?? [];
        return content.Type == TriggerType.Scheduled
            ? errors
            : errors.Where(error => content.Inputs.Keys.Any(name => error.Field == $"inputs.{name}"));
    }
}
