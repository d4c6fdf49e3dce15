using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals;

/// <summary>Protections of labels and publishing. Everyone sees them. Only admins change them: weakening one bypasses it.</summary>
public sealed class ProtectionService(Operations operations, ApprovalSignal signal, TimeProvider time)
{
    /// <summary>The protections of a prompt's labels, by label; empty without any.</summary>
    public Task<Result<IReadOnlyList<ProtectionView>>> ListAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        ListAsync(
            actor,
            "prompt",
            db => db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken),
            protection => protection.PromptId == promptId,
            cancellationToken
        );

    /// <summary>The protections that require a test set, by label; empty without any.</summary>
    public Task<Result<IReadOnlyList<ProtectionView>>> ListOfSetAsync(Actor actor, string setId, CancellationToken cancellationToken) =>
        ListAsync(
            actor,
            "test set",
            db => db.TestSets.AnyAsync(set => set.Id == setId, cancellationToken),
            protection => protection.TestSetId == setId,
            cancellationToken
        );

    /// <summary>The protection of a workflow's publishing.</summary>
    /// <returns>Not found if it is not protected.</returns>
    public Task<Result<ProtectionView>> FindOfWorkflowAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ProtectionView>(
            actor,
            Permission.Read,
            (db, _) => FoundAsync(db, db.Protections.Where(p => p.WorkflowId == workflowId), cancellationToken),
            cancellationToken
        );

    /// <summary>Protects a label or changes its protection. The label need not be on a version yet.</summary>
    public Task<Result<ProtectionView>> ProtectLabelAsync(
        Actor actor,
        string promptId,
        string label,
        ProtectionContent content,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            content,
            async db =>
                !await db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken) ? Problem.NotFound("prompt")
                : PromptLabels.Problem(label) is { } wrong ? Problem.AtField("label", wrong)
                : new Protection { PromptId = promptId, Label = label },
            cancellationToken
        );

    /// <summary>Protects the publishing of a workflow, or changes its protection.</summary>
    public Task<Result<ProtectionView>> ProtectWorkflowAsync(
        Actor actor,
        string workflowId,
        ProtectionContent content,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            content,
            async db =>
                await db.Workflows.AnyAsync(workflow => workflow.Id == workflowId, cancellationToken)
                    ? new Protection { WorkflowId = workflowId }
                    : Problem.NotFound("workflow"),
            cancellationToken
        );

    /// <summary>Removes the protection of a label.</summary>
    public Task<Result<Done>> UnprotectLabelAsync(Actor actor, string promptId, string label, CancellationToken cancellationToken) =>
        RemoveAsync(actor, db => db.Protections.Where(p => p.PromptId == promptId && p.Label == label), cancellationToken);

    /// <summary>Removes the protection of a workflow.</summary>
    public Task<Result<Done>> UnprotectWorkflowAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        RemoveAsync(actor, db => db.Protections.Where(p => p.WorkflowId == workflowId), cancellationToken);

    private Task<Result<IReadOnlyList<ProtectionView>>> ListAsync(
        Actor actor,
        string what,
        Func<PromptPilotDbContext, Task<bool>> exists,
        Expression<Func<Protection, bool>> which,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<ProtectionView>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await exists(db)
                    ? await ProtectionQuery.ReadAsync(db, db.Protections.Where(which).OrderBy(p => p.Label), cancellationToken)
                    : Problem.NotFound(what),
            cancellationToken
        );

    private async Task<Result<ProtectionView>> WriteAsync(
        Actor actor,
        ProtectionContent content,
        Func<PromptPilotDbContext, Task<Result<Protection>>> wanted,
        CancellationToken cancellationToken
    )
    {
        var saved = await operations.ExclusiveAsync<ProtectionView>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                var target = await wanted(db);
                if (!target.IsOk)
                {
                    return target.Problem;
                }

                if (await ErrorsAsync(db, target.Value, content, cancellationToken) is { Count: > 0 } errors)
                {
                    return Problem.Invalid("Could not save the protection.", errors);
                }

                var (promptId, label, workflowId) = (target.Value.PromptId, target.Value.Label, target.Value.WorkflowId);
                var rows = db.Protections.Where(p => p.PromptId == promptId && p.Label == label && p.WorkflowId == workflowId);
                if (await rows.SingleOrDefaultAsync(cancellationToken) is not { } protection)
                {
                    protection = target.Value;
                    db.Protections.Add(protection);
                }

                var hasSet = !string.IsNullOrEmpty(content.TestSetId);
                (protection.TestSetId, protection.ModelProfileId) = hasSet
                    ? (content.TestSetId, string.IsNullOrEmpty(content.ModelProfileId) ? null : content.ModelProfileId)
                    : (null, null);
                (protection.MinPassPercent, protection.MaxRegressions) = (content.MinPassPercent, content.MaxRegressions);
                protection.Approvals = content.Approvals;
                (protection.UpdatedBy, protection.UpdatedAt) = (principal.UserId, time.GetUtcNow().UtcDateTime);
                protection.Revision++;
                await FreezeAsync(db, protection, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                return await FoundAsync(db, rows, cancellationToken);
            },
            cancellationToken
        );
        signal.Changed.Raise();
        return saved;
    }

    /// <summary>Stores the test set as it is, so that later changes of it can be shown.</summary>
    private static async Task FreezeAsync(PromptPilotDbContext db, Protection protection, CancellationToken cancellationToken)
    {
        if (await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == protection.TestSetId, cancellationToken) is { } set)
        {
            var cases = await TestSetVersions.CasesAsync(db, set.Id, cancellationToken);
            await TestSetVersions.FreezeAsync(db, set, cases, columns: null, protection.UpdatedAt, cancellationToken);
        }
    }

    private async Task<Result<Done>> RemoveAsync(
        Actor actor,
        Func<PromptPilotDbContext, IQueryable<Protection>> rows,
        CancellationToken cancellationToken
    )
    {
        var removed = await operations.ExclusiveAsync<Done>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                if (await rows(db).SingleOrDefaultAsync(cancellationToken) is not { } protection)
                {
                    return Problem.NotFound("protection");
                }

                db.Protections.Remove(protection);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
        signal.Changed.Raise();
        return removed;
    }

    private static async Task<List<FieldError>> ErrorsAsync(
        PromptPilotDbContext db,
        Protection target,
        ProtectionContent content,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<FieldError>();
        if (content.Approvals is < 1 or > Protection.MaxApprovals)
        {
            errors.Add(new FieldError("approvals", $"Approvals must be a whole number from 1 to {Protection.MaxApprovals}."));
        }

        if (content.MinPassPercent is < 0 or > 100)
        {
            errors.Add(new FieldError("minPassPercent", "The pass rate must be a whole number from 0 to 100."));
        }

        if (content.MaxRegressions < 0)
        {
            errors.Add(new FieldError("maxRegressions", "Regressions must be 0 or more."));
        }

        if (string.IsNullOrEmpty(content.TestSetId))
        {
            return errors;
        }

        var isOwn = await db.TestSets.AnyAsync(
            set => set.Id == content.TestSetId && set.PromptId == target.PromptId && set.WorkflowId == target.WorkflowId,
            cancellationToken
        );
        if (!isOwn)
        {
            errors.Add(new FieldError("testSetId", $"Choose a test set of the same {(target.PromptId is null ? "workflow" : "prompt")}."));
        }

        if (target.WorkflowId is not null)
        {
            if (!string.IsNullOrEmpty(content.ModelProfileId))
            {
                errors.Add(new FieldError("modelProfileId", "The steps of a workflow name their own model profiles. Leave this out."));
            }
        }
        else if (!await db.ModelProfiles.AnyAsync(profile => profile.Id == content.ModelProfileId && profile.Enabled, cancellationToken))
        {
            errors.Add(new FieldError("modelProfileId", "Choose an enabled model profile for the experiment."));
        }

        return errors;
    }

    private static async Task<Result<ProtectionView>> FoundAsync(
        PromptPilotDbContext db,
        IQueryable<Protection> rows,
        CancellationToken cancellationToken
    ) => await ProtectionQuery.ReadAsync(db, rows, cancellationToken) is [var view] ? view : Problem.NotFound("protection");
}
