using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Triggers.Schedules;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// Faults that last until someone fixes them: schedules that cannot work, hooks that were disabled. Each notifies once for as long as it
/// lasts.
/// </summary>
internal static class OngoingFacts
{
    private const string Schedule = "schedule:";
    private const string Hook = "hook:";

    /// <summary>Prefix of the keys of facts of a kind that last.</summary>
    public static string PrefixOf(NotificationKind kind) => kind == NotificationKind.HookDisabled ? Hook : Schedule;

    /// <summary>Schedules that cannot work, for the workflow's owner.</summary>
    public static async Task<List<Notification>> SchedulesAsync(
        PromptPilotDbContext db,
        ScheduleHealth health,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var ids = await health.FindAllBrokenAsync(db, cancellationToken);
        var triggers = await db.Triggers.AsNoTracking().Where(trigger => ids.Contains(trigger.Id)).ToListAsync(cancellationToken);
        var broken = await health.FindBrokenAsync(db, triggers, cancellationToken);
        var workflowIds = triggers.ConvertAll(trigger => trigger.WorkflowId);
        var workflows = await db
            .Workflows.AsNoTracking()
            .Where(workflow => workflowIds.Contains(workflow.Id))
            .Select(workflow => new
            {
                workflow.Id,
                workflow.Name,
                workflow.Owner,
            })
            .ToDictionaryAsync(workflow => workflow.Id, cancellationToken);
        return
        [
            .. from trigger in triggers
            where broken.ContainsKey(trigger.Id) && workflows.GetValueOrDefault(trigger.WorkflowId)?.Owner is not null
            let workflow = workflows[trigger.WorkflowId]
            select New(
                workflow.Owner!,
                NotificationKind.ScheduleBroken,
                $"A schedule of “{workflow.Name}” is broken",
                broken[trigger.Id],
                $"/triggers/schedules/{trigger.Id}",
                trigger.Id,
                now
            ),
        ];
    }

    /// <summary>Hooks that PromptPilot disabled, for the workflow's owner and their creator.</summary>
    public static async Task<List<Notification>> HooksAsync(PromptPilotDbContext db, DateTime now, CancellationToken cancellationToken)
    {
        var hooks = await db
            .IntegrationHooks.AsNoTracking()
            .Where(hook => !hook.Enabled && hook.DisabledReason != null)
            .Select(hook => new
            {
                hook.Id,
                hook.Name,
                hook.DisabledReason,
                hook.CreatedBy,
                Owner = db
                    .Workflows.Where(workflow => workflow.Id == hook.LinkedWorkflowId)
                    .Select(workflow => workflow.Owner)
                    .FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. from hook in hooks
            from person in new[] { hook.Owner, hook.CreatedBy }.OfType<string>().Distinct()
            select New(
                person,
                NotificationKind.HookDisabled,
                $"The hook “{hook.Name}” was disabled",
                $"{hook.DisabledReason} Its messages are on hold: correct the address and enable it, or delete it.",
                $"/integrations/{hook.Id}",
                hook.Id,
                now
            ),
        ];
    }

    private static Notification New(
        string userId,
        NotificationKind kind,
        string title,
        string cause,
        string link,
        string id,
        DateTime now
    ) =>
        new()
        {
            UserId = userId,
            Kind = kind,
            Title = NotificationLimits.Line(title, NotificationLimits.MaxTitle),
            Cause = NotificationLimits.Line(cause, NotificationLimits.MaxCause),
            Link = link,
            CreatedAt = now,
            FactKey = $"{PrefixOf(kind)}{id}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cause)))[..16]}",
        };
}
