using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Tells why schedules can no longer work, before they fail at night.</summary>
internal sealed class ScheduleHealth(WorkflowVersions versions)
{
    /// <summary>Id of a trigger → what is wrong and what to do. Those that work are not in it; those that are paused are not asked.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FindBrokenAsync(PromptPilotDbContext db, IReadOnlyList<Trigger> triggers, CancellationToken cancellationToken)
    {
        var enabled = triggers.Where(trigger => trigger.Enabled).ToList();
        var ids = enabled.Select(trigger => trigger.WorkflowId).Distinct().ToList();
        var workflows = await db.Workflows.AsNoTracking().Where(workflow => ids.Contains(workflow.Id))
            .Select(workflow => new
            {
                workflow.Id,
                workflow.Status,
                workflow.PublishedVersionId,
                Owner = db.Users.Where(user => user.Id == workflow.Owner).Select(user => new { user.Name, user.Role, user.IsLocked }).FirstOrDefault(),
            })
            .ToDictionaryAsync(workflow => workflow.Id, cancellationToken);
        var profiles = await db.ModelProfiles.AsNoTracking().Select(profile => new { profile.Id, profile.Name, profile.Enabled }).ToDictionaryAsync(profile => profile.Id, cancellationToken);
        var broken = new Dictionary<string, string>();
        foreach (var trigger in enabled)
        {
            var workflow = workflows[trigger.WorkflowId];
            var definition = workflow.PublishedVersionId is { } id ? (await versions.FindAsync(id, cancellationToken))?.Definition : null;
            var reason = workflow switch
            {
                { Status: WorkflowStatus.Archived } => "The workflow is archived. Take it out of the archive and publish it, or pause the schedule.",
                { Status: WorkflowStatus.Draft } => "The workflow is not published. Publish it, or pause the schedule.",
                { Owner: null } => "The owner of the workflow was deleted, so nothing can start in their name.",
                { Owner.IsLocked: true } => $"The account of the workflow’s owner, {workflow.Owner.Name}, is locked. An admin can unlock it.",
                _ when !Access.Allows(workflow.Owner.Role, Permission.Run) => $"The workflow’s owner, {workflow.Owner.Name}, may no longer run workflows. An admin can change the role.",
                _ when trigger.Schedule is null || !ScheduleCalendar.Of(trigger.Schedule).IsOk => "Its times cannot be read. Open the schedule and choose them again.",
                _ => null,
            };
            reason ??= definition?.Steps.Select(step => step.Model).Distinct()
                .Select(model => profiles.TryGetValue(model, out var profile)
                    ? profile.Enabled ? null : $"The model profile “{profile.Name}” is disabled. Enable it, or publish the workflow with another one."
                    : "A model profile that the workflow needs was deleted. Publish the workflow with another one.")
                .FirstOrDefault(text => text is not null);
            reason ??= definition is not null && WorkflowInputs.Bind(definition.Inputs, trigger.Inputs).Problem is { } problem
                ? $"Its inputs do not fit the published workflow: {string.Join(" ", problem.Errors.Select(error => error.Message))}"
                : null;
            if (reason is not null)
            {
                broken.Add(trigger.Id, reason);
            }
        }

        return broken;
    }
}
