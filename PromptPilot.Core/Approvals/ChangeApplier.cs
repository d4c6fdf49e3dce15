using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Approvals;

/// <summary>Makes the requested change, in the transaction of the decision.</summary>
internal static class ChangeApplier
{
    /// <summary>Moves the label or publishes the draft. Closes the request, and all others that this makes outdated.</summary>
    /// <param name="by">The person who decided.</param>
    /// <returns>The problem, or null. On a problem the caller must roll back.</returns>
    public static async Task<Problem?> ApplyAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        ChangeStatus status,
        Principal by,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        // The gate reads an override from the request. An approved request stays open until the change is made.
        if (status == ChangeStatus.Overridden)
        {
            (request.Status, request.ClosedBy) = (status, by.UserId);
        }

        var problem = request.WorkflowId is { } workflowId
            ? await PublishAsync(db, request, workflowId, now, cancellationToken)
            : (
                await LabelWriter.MoveAsync(
                    db,
                    request.PromptId!,
                    request.Label!,
                    request.To,
                    request.RequestedBy,
                    now,
                    request.Id,
                    cancellationToken
                )
            ).Problem;
        if (problem is not null)
        {
            return problem;
        }

        (request.Status, request.ClosedBy, request.ClosedAt) = (status, by.UserId, now);
        var others = await db
            .ChangeRequests.Where(other =>
                other.Status == ChangeStatus.Open
                && other.Id != request.Id
                && other.PromptId == request.PromptId
                && other.Label == request.Label
                && other.WorkflowId == request.WorkflowId
            )
            .ToListAsync(cancellationToken);
        foreach (var other in others)
        {
            (other.Status, other.ClosedAt) = (ChangeStatus.Outdated, now);
            other.Revision++;
        }

        return null;
    }

    private static async Task<Problem?> PublishAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        string workflowId,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        if (await ChangeTarget.WorkflowAsync(db.Workflows, workflowId, cancellationToken) is not { } workflow)
        {
            return Problem.NotFound("workflow");
        }

        var role = await db
            .Users.Where(user => user.Id == request.RequestedBy)
            .Select(user => user.Role)
            .FirstOrDefaultAsync(cancellationToken);
        var published = await WorkflowPublishing.PublishAsync(
            db,
            workflow,
            new Publishing(request.RequestedBy, role, request.Note, now, request.Id),
            cancellationToken
        );
        if (!published.IsOk)
        {
            return published.Problem;
        }

        request.WorkflowVersionId = published.Value.Id;
        workflow.Revision++;
        (workflow.UpdatedAt, workflow.UpdatedBy) = (now, request.RequestedBy);
        return null;
    }
}
