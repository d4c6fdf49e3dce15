using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Approvals;

/// <summary>Builds change requests that are not saved yet.</summary>
internal static class ChangeDraft
{
    /// <summary>Moving a label to a version. If it is there already, From and To are equal.</summary>
    public static async Task<Result<ChangeRequest>> OfLabelAsync(
        PromptPilotDbContext db,
        string promptId,
        string label,
        string version,
        CancellationToken cancellationToken
    )
    {
        if (PromptLabels.Problem(label) is { } wrong)
        {
            return Problem.AtField("label", wrong);
        }

        if (!await db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken))
        {
            return Problem.NotFound("prompt");
        }

        var to = await db
            .PromptVersions.Where(v => v.PromptId == promptId && v.Version == version)
            .Select(v => new { v.Id, v.CreatedBy })
            .SingleOrDefaultAsync(cancellationToken);
        if (to is null)
        {
            return Problem.AtField("version", $"This prompt has no version “{version}”. Choose one from its history.");
        }

        if (await LabelImpactFinder.LoopAsync(db, promptId, label, to.Id, cancellationToken) is { } loop)
        {
            return loop;
        }

        return new ChangeRequest
        {
            PromptId = promptId,
            Label = label,
            From = await ChangeTarget.VersionOfLabelAsync(db, promptId, label, cancellationToken),
            To = to.Id,
            AuthorId = to.CreatedBy,
        };
    }

    /// <summary>Publishing the draft of a workflow. If the draft equals the published version, From and To are equal.</summary>
    public static async Task<Result<ChangeRequest>> OfPublishingAsync(
        PromptPilotDbContext db,
        Principal principal,
        string workflowId,
        int? ifRevision,
        CancellationToken cancellationToken
    )
    {
        var workflow = await ChangeTarget.WorkflowAsync(db.Workflows.AsNoTracking(), workflowId, cancellationToken);
        if (workflow is null || (ifRevision is { } seen && seen != workflow.Revision))
        {
            return workflow is null ? Problem.NotFound("workflow") : Problem.Stale("workflow");
        }

        var frozen = await WorkflowPublishing.FreezeAsync(db, workflow, principal.Role, cancellationToken);
        if (!frozen.IsOk)
        {
            return frozen.Problem;
        }

        var published = await db
            .WorkflowVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == workflow.PublishedVersionId, cancellationToken);
        var move = GateMove.OfPublishing(workflowId, workflow.PublishedVersionId, frozen.Value);
        return new ChangeRequest
        {
            WorkflowId = workflowId,
            From = move.From,

            // An unchanged draft needs no approval.
            To = published is not null && WorkflowPublishing.AreSame(published.Definition, frozen.Value) ? published.Id : move.To,
            AuthorId = workflow.UpdatedBy,
        };
    }
}
