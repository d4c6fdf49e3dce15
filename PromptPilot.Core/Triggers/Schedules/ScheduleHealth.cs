using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Explains why a schedule can no longer work, before it fails at night.</summary>
public sealed class ScheduleHealth(WorkflowVersions versions, TimeProvider time)
{
    /// <summary>Up to so many schedules are looked at whenever someone asks; more of them once a minute.</summary>
    private const int Few = 200;

    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(1);

    private volatile Known? _known;

    private sealed record Known(IReadOnlyList<string> Ids, DateTimeOffset At);

    /// <summary>Ids of all enabled schedules that cannot work; if there are many, as of up to a minute ago.</summary>
    internal async Task<IReadOnlyList<string>> FindAllBrokenAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known is { } known && now - known.At < KeepFor)
        {
            return known.Ids;
        }

        var triggers = await db
            .Triggers.AsNoTracking()
            .Where(trigger => trigger.Type == TriggerType.Scheduled && trigger.Enabled)
            .ToListAsync(cancellationToken);
        IReadOnlyList<string> ids = [.. (await FindBrokenAsync(db, triggers, cancellationToken)).Keys];
        _known = triggers.Count > Few ? new Known(ids, now) : null;
        return ids;
    }

    /// <summary>
    /// Id of a trigger → what is wrong and what to do. Working and paused schedules are left out.
    /// </summary>
    internal async Task<IReadOnlyDictionary<string, string>> FindBrokenAsync(
        PromptPilotDbContext db,
        IReadOnlyList<Trigger> triggers,
        CancellationToken cancellationToken
    )
    {
        var enabled = triggers.Where(trigger => trigger.Enabled).ToList();
        var ids = enabled.Select(trigger => trigger.WorkflowId).Distinct().ToList();
        var workflows = await db
            .Workflows.AsNoTracking()
            .Where(workflow => ids.Contains(workflow.Id))
            .Select(workflow => new
            {
                workflow.Id,
                workflow.Status,
                workflow.PublishedVersionId,
                Owner = db
                    .Users.Where(user => user.Id == workflow.Owner)
                    .Select(user => new
                    {
                        user.Name,
                        user.Role,
                        user.IsLocked,
                    })
                    .FirstOrDefault(),
            })
            .ToDictionaryAsync(workflow => workflow.Id, cancellationToken);
        var profiles = await db
            .ModelProfiles.AsNoTracking()
            .Select(profile => new
            {
                profile.Id,
                profile.Name,
                profile.Enabled,
                profile.Roles,
            })
            .ToDictionaryAsync(profile => profile.Id, cancellationToken);
        var broken = new Dictionary<string, string>();
        foreach (var trigger in enabled)
        {
            if (!workflows.TryGetValue(trigger.WorkflowId, out var workflow))
            {
                continue;
            }

            var definition = workflow.PublishedVersionId is { } id ? (await versions.FindAsync(id, cancellationToken))?.Definition : null;
            var reason = workflow switch
            {
                { Status: WorkflowStatus.Archived } => "The workflow is archived. Unarchive and publish it, or pause the schedule.",
                { Status: WorkflowStatus.Draft } => "The workflow is not published. Publish it, or pause the schedule.",
                { Owner: null } => "The owner of the workflow was deleted, so it cannot run on their behalf.",
                { Owner.IsLocked: true } =>
                    $"The account of the workflow’s owner, {workflow.Owner.Name}, is locked. An admin can unlock it.",
                _ when !Access.Allows(workflow.Owner.Role, Permission.Run) =>
                    $"The workflow’s owner, {workflow.Owner.Name}, can no longer run workflows. An admin can change the role.",
                _ when trigger.Schedule is null || !ScheduleCalendar.Of(trigger.Schedule).IsOk =>
                    "Its times cannot be read. Open the schedule and set them again.",
                _ => null,
            };
            reason ??= definition
                ?.Steps.SelectMany(step => step.NeededModels())
                .Distinct()
                .Select(model =>
                    profiles.TryGetValue(model, out var profile)
                        ? !profile.Enabled
                            ? $"The model profile “{profile.Name}” is disabled. Enable it, or publish the workflow with another one."
                            : workflow.Owner is { } owner && !ModelUse.Allows(profile.Roles, owner.Role)
                                ? $"The workflow’s owner, {owner.Name}, cannot use the model profile “{profile.Name}”: it is "
                                    + $"limited to {ModelUse.Words(profile.Roles)}. Publish the workflow with another one, or ask an "
                                    + "admin for access."
                                : null
                        : "A model profile that the workflow needs was deleted. Publish the workflow with another one."
                )
                .FirstOrDefault(text => text is not null);
            reason ??=
                definition is not null && WorkflowInputs.Bind(definition.Inputs, trigger.Inputs).Problem is { } problem
                    ? $"Its inputs do not match the published workflow: {string.Join(" ", problem.Errors.Select(error => error.Message))}"
                    : null;
            if (reason is not null)
            {
                broken.Add(trigger.Id, reason);
            }
        }

        return broken;
    }
}
