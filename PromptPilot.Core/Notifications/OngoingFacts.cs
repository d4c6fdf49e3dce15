using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// Faults that last until something changes: schedules that cannot work, hooks that were disabled, model profiles that fail. Each
/// causes one notification while it lasts.
/// </summary>
internal static class OngoingFacts
{
    private const string Schedule = "schedule:";
    private const string Hook = "hook:";
    private const string Model = "model:";
    private const string Ending = "ending:";

    /// <summary>Prefix of the keys of facts of a kind that last.</summary>
    public static string PrefixOf(NotificationKind kind) =>
        kind switch
        {
            NotificationKind.HookDisabled => Hook,
            NotificationKind.ModelOutage => Model,
            NotificationKind.ModelEnding => Ending,
            _ => Schedule,
        };

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

    /// <summary>Model profiles that steps have left for a fallback, for admins.</summary>
    public static async Task<List<Notification>> OutagesAsync(
        PromptPilotDbContext db,
        ProfileLimiters limiters,
        CancellationToken cancellationToken
    )
    {
        var outages = limiters.Outages.OrderBy(outage => outage.Since).ToList();
        if (outages.Count == 0)
        {
            return [];
        }

        var ids = outages.ConvertAll(outage => outage.ProfileId);
        var names = await db
            .ModelProfiles.Where(profile => ids.Contains(profile.Id))
            .ToDictionaryAsync(profile => profile.Id, profile => profile.Name, cancellationToken);
        var admins = await db
            .Users.Where(user => user.Role == Role.Admin && !user.IsLocked)
            .Select(user => user.Id)
            .ToListAsync(cancellationToken);
        return
        [
            .. from outage in outages
            where names.ContainsKey(outage.ProfileId)
            from admin in admins
            select New(
                admin,
                NotificationKind.ModelOutage,
                $"The model profile “{names[outage.ProfileId]}” is failing",
                $"It failed with {JsonNamingPolicy.SnakeCaseLower.ConvertName(outage.Code.ToString())}. Steps use its fallback, and it is "
                    + "tried again every minute.",
                $"/admin/model-profiles/{outage.ProfileId}",
                outage.ProfileId,
                outage.Since
            ),
        ];
    }

    /// <summary>Models in use that are shut down soon, for admins and the owners of the workflows.</summary>
    public static async Task<List<Notification>> EndingsAsync(PromptPilotDbContext db, DateTime now, CancellationToken cancellationToken)
    {
        var facts = new List<Notification>();
        var profiles = await db.ModelProfiles.AsNoTracking().Where(profile => profile.Enabled).ToListAsync(cancellationToken);
        var admins = await db
            .Users.Where(user => user.Role == Role.Admin && !user.IsLocked)
            .Select(user => user.Id)
            .ToListAsync(cancellationToken);
        foreach (var profile in profiles)
        {
            if (
                ModelEnd.Of(profile.Provider, profile.Model, profile.EndsOn) is not { } end
                || !end.IsNear(now)
                || await ModelProfileUse.ListAsync(db, profile.Id, cancellationToken) is not { Count: > 0 } users
            )
            {
                continue;
            }

            var day = end.On.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
            var instead = end.Replacement is { } model ? $" The provider recommends {model}." : "";
            facts.AddRange(
                admins.Select(admin =>
                    New(
                        admin,
                        NotificationKind.ModelEnding,
                        $"The model of “{profile.Name}” {(end.DaysFrom(now) < 0 ? "was" : "will be")} retired on {day}",
                        $"{profile.Model} is used by {ModelProfileUse.Words(users)}. Replace it before calls fail.{instead}",
                        $"/admin/model-profiles/{profile.Id}",
                        profile.Id,
                        now,
                        day
                    )
                )
            );
            var ids = users.ConvertAll(user => user.WorkflowId);
            var owned = await db
                .Workflows.Where(workflow => ids.Contains(workflow.Id) && workflow.Owner != null && !admins.Contains(workflow.Owner))
                .Select(workflow => new
                {
                    workflow.Id,
                    workflow.Name,
                    Owner = workflow.Owner!,
                })
                .ToListAsync(cancellationToken);
            facts.AddRange(
                owned.Select(workflow =>
                    New(
                        workflow.Owner,
                        NotificationKind.ModelEnding,
                        $"“{workflow.Name}” uses a model that {(end.DaysFrom(now) < 0 ? "was" : "will be")} retired on {day}",
                        $"It is {profile.Model} of the model profile “{profile.Name}”. Choose another profile before calls fail.{instead}",
                        $"/workflows/{workflow.Id}",
                        $"{profile.Id}/{workflow.Id}",
                        now,
                        day
                    )
                )
            );
        }

        return facts;
    }

    private static Notification New(
        string userId,
        NotificationKind kind,
        string title,
        string cause,
        string link,
        string id,
        DateTime now,
        string? state = null
    ) =>
        new()
        {
            UserId = userId,
            Kind = kind,
            Title = NotificationLimits.Line(title, NotificationLimits.MaxTitle),
            Cause = NotificationLimits.Line(cause, NotificationLimits.MaxCause),
            Link = link,
            CreatedAt = now,
            FactKey = $"{PrefixOf(kind)}{id}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state ?? cause)))[..16]}",
        };
}
