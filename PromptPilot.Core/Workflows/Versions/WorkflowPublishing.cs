using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>Who publishes a workflow, and why.</summary>
/// <param name="By">The user who publishes or requested it.</param>
/// <param name="Role">Their role, which decides the model profiles that steps may use.</param>
/// <param name="Message">A one-line note for the history.</param>
/// <param name="ChangeRequestId">The change request behind it; null: none.</param>
internal sealed record Publishing(string? By, Role Role, string? Message, DateTime At, string? ChangeRequestId = null);

/// <summary>The only place that publishes workflows. Every publishing passes the gate.</summary>
internal static class WorkflowPublishing
{
    /// <summary>
    /// Freezes the draft as the next version and publishes it, in the caller's transaction. Saves nothing itself. A draft that equals the
    /// published version creates no new version and needs no approval.
    /// </summary>
    /// <param name="workflow">Tracked, with its steps in order.</param>
    /// <returns>The published version, all problems of the draft, or Conflict if the workflow is protected.</returns>
    public static async Task<Result<WorkflowVersion>> PublishAsync(
        PromptPilotDbContext db,
        Workflow workflow,
        Publishing publishing,
        CancellationToken cancellationToken
    )
    {
        var note = string.IsNullOrWhiteSpace(publishing.Message) ? null : publishing.Message.Trim();
        if (note?.Length > WorkflowService.MaxMessageLength)
        {
            return Problem.AtField("message", $"A note can have at most {WorkflowService.MaxMessageLength} characters.");
        }

        var frozen = await FreezeAsync(db, workflow, publishing.Role, cancellationToken);
        if (!frozen.IsOk)
        {
            return frozen.Problem;
        }

        var definition = frozen.Value;
        var current = await db
            .WorkflowVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == workflow.PublishedVersionId, cancellationToken);
        if (current is null || !AreSame(current.Definition, definition))
        {
            var move = GateMove.OfPublishing(workflow.Id, workflow.PublishedVersionId, definition);
            var pass = await GatePass.AskAsync(db, move, publishing.ChangeRequestId, cancellationToken);
            if (!pass.IsOk)
            {
                return pass.Problem;
            }

            current = new WorkflowVersion
            {
                WorkflowId = workflow.Id,
                Number =
                    1
                    + (
                        await db.WorkflowVersions.Where(v => v.WorkflowId == workflow.Id).MaxAsync(v => (int?)v.Number, cancellationToken)
                        ?? 0
                    ),
                Definition = definition,
                Message = note,
                CreatedBy = publishing.By,
                CreatedAt = publishing.At,
            };
            db.WorkflowVersions.Add(current);
            workflow.Publish(pass.Value, current);
        }

        workflow.HasUnpublishedChanges = false;
        workflow.AreArmsStopped = false;
        workflow.Status = WorkflowStatus.Published;
        return current;
    }

    /// <summary>The definition that publishing the draft would freeze now, or all problems of the draft.</summary>
    public static async Task<Result<WorkflowDefinition>> FreezeAsync(
        PromptPilotDbContext db,
        Workflow workflow,
        Role role,
        CancellationToken cancellationToken
    )
    {
        if (workflow.Status == WorkflowStatus.Archived)
        {
            return Problem.Conflict("This workflow is archived. Unarchive it before you publish it.");
        }

        var content = WorkflowChanges.ContentOf(workflow);
        var facts = await WorkflowFacts.LoadAsync(db, content.Steps, cancellationToken) with { Author = role };
        return WorkflowProblems.Find(content, facts) is { Count: > 0 } problems
            ? WorkflowProblems.Refused("Could not publish the workflow. Fix its problems first.", problems)
            : WorkflowChanges.Freeze(workflow, facts);
    }

    public static bool AreSame(WorkflowDefinition one, WorkflowDefinition other) =>
        JsonSerializer.Serialize(one, AppJson.Options) == JsonSerializer.Serialize(other, AppJson.Options);
}
