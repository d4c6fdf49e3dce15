using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Approvals;

/// <summary>Moves labels and publishes workflows, or creates a change request if they are protected.</summary>
public sealed class ChangeRequestService(
    Operations operations,
    PromptLabelService labels,
    WorkflowService workflows,
    ExperimentRules rules,
    ExperimentSignal experiments,
    IEnumerable<IChangeObserver> observers,
    ApprovalSignal signal,
    TimeProvider time
)
{
    /// <summary>Moves a label to a version, or requests the move if the label is protected.</summary>
    /// <param name="note">Shown to the approvers.</param>
    public async Task<Result<LabelChange>> SetLabelAsync(
        Actor actor,
        string promptId,
        string label,
        string version,
        string? note,
        CancellationToken cancellationToken
    )
    {
        var asked = await AskAsync(
            actor,
            note,
            (db, _) => ChangeDraft.OfLabelAsync(db, promptId, label, version, cancellationToken),
            cancellationToken
        );
        return !asked.IsOk ? asked.Problem
            : asked.Value is { } id ? new LabelChange(null, id)
            : (await labels.SetLabelAsync(actor, promptId, label, version, cancellationToken)).Map(item => new LabelChange(item, null));
    }

    /// <summary>Publishes the draft of a workflow, or requests it if the workflow is protected.</summary>
    /// <param name="ifRevision">The expected revision; null: any.</param>
    /// <param name="message">A note for the history and the approvers.</param>
    public async Task<Result<PublishChange>> PublishAsync(
        Actor actor,
        string workflowId,
        int? ifRevision,
        string? message,
        CancellationToken cancellationToken
    )
    {
        var asked = await AskAsync(
            actor,
            message,
            (db, principal) => ChangeDraft.OfPublishingAsync(db, principal, workflowId, ifRevision, cancellationToken),
            cancellationToken
        );
        return !asked.IsOk ? asked.Problem
            : asked.Value is { } id ? new PublishChange(null, id)
            : (await workflows.PublishAsync(actor, workflowId, ifRevision, cancellationToken, message)).Map(view => new PublishChange(
                view,
                null
            ));
    }

    /// <summary>Reruns the experiment of an open request, e.g. after the test set has changed.</summary>
    /// <returns>The experiment's id.</returns>
    public async Task<Result<string>> RunExperimentAsync(Actor actor, string changeRequestId, CancellationToken cancellationToken)
    {
        var planned = await operations.ReadAsync<PlannedChange>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (
                    await ChangeTarget.OpenAsync(db.ChangeRequests.AsNoTracking(), changeRequestId, cancellationToken) is var found
                    && !found.IsOk
                )
                {
                    return found.Problem;
                }

                var request = found.Value;
                return await GatePass.FindProtectionAsync(db, request.Move, cancellationToken) is { TestSetId: not null } protection
                    ? await PlanAsync(db, principal, protection, request, cancellationToken)
                    : Problem.Conflict("This protection has no test set, so there is no experiment to run.");
            },
            cancellationToken
        );
        if (!planned.IsOk)
        {
            return planned.Problem;
        }

        var started = await operations.ExclusiveAsync<string>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var found = await ChangeTarget.OpenAsync(db.ChangeRequests, changeRequestId, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var id = await StartAsync(db, principal, planned.Value, found.Value, cancellationToken);
                if (id.IsOk)
                {
                    found.Value.Revision++;
                    await db.SaveChangesAsync(cancellationToken);
                }

                return id;
            },
            cancellationToken
        );
        experiments.Raise();
        signal.Changed.Raise();
        return started;
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Saves a draft as a change request if its target is protected.</summary>
    /// <param name="draft">The change without requester and protection, which are filled in here.</param>
    /// <returns>The id of the new request, or of an open one for the same change; null if the target is not protected.</returns>
    private async Task<Result<string?>> AskAsync(
        Actor actor,
        string? note,
        Func<PromptPilotDbContext, Principal, Task<Result<ChangeRequest>>> draft,
        CancellationToken cancellationToken
    )
    {
        // Planned before the write gate is taken, since rendering a thousand cases is slow.
        var planned = await operations.ReadAsync<PlannedChange?>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var request = await draft(db, principal);
                if (!request.IsOk)
                {
                    return request.Problem;
                }

                if (
                    request.Value.From == request.Value.To
                    || await GatePass.FindProtectionAsync(db, request.Value.Move, cancellationToken) is not { } protection
                )
                {
                    return (PlannedChange?)null!;
                }

                var why = ChangeText.Of(note, "note", ChangeText.MaxNote);
                if (!why.IsOk)
                {
                    return why.Problem;
                }

                request.Value.Note = why.Value;
                return (await PlanAsync(db, principal, protection, request.Value, cancellationToken)).Map(plan => (PlannedChange?)plan);
            },
            cancellationToken
        );
        if (!planned.IsOk)
        {
            return planned.Problem;
        }

        return planned.Value is null ? (string?)null! : await OpenAsync(actor, planned.Value, cancellationToken);
    }

    private async Task<Result<string?>> OpenAsync(Actor actor, PlannedChange plan, CancellationToken cancellationToken)
    {
        var opened = await operations.ExclusiveAsync<string?>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var request = plan.Request;
                (request.RequestedBy, request.RequestedAt) = (principal.UserId, Now);
                if (await ChangeTarget.NowAsync(db, request, cancellationToken) != request.Move)
                {
                    return Problem.Conflict("Something else changed at the same time, so no request was created. Try again.");
                }

                var same = await db
                    .ChangeRequests.Where(other =>
                        other.Status == ChangeStatus.Open
                        && other.PromptId == request.PromptId
                        && other.Label == request.Label
                        && other.WorkflowId == request.WorkflowId
                        && other.From == request.From
                        && other.To == request.To
                    )
                    .Select(other => other.Id)
                    .FirstOrDefaultAsync(cancellationToken);
                if (same is not null)
                {
                    return same;
                }

                db.ChangeRequests.Add(request);
                if (plan.Experiment is not null)
                {
                    var started = await StartAsync(db, principal, plan, request, cancellationToken);
                    if (!started.IsOk)
                    {
                        return started.Problem;
                    }
                }

                await db.SaveChangesAsync(cancellationToken);
                await observers.AddAsync(db, request, [ChangeEvent.Requested], principal.Name, cancellationToken);
                return request.Id;
            },
            cancellationToken
        );
        observers.Committed();
        experiments.Raise();
        signal.Changed.Raise();
        return opened;
    }

    private async Task<Result<PlannedChange>> PlanAsync(
        PromptPilotDbContext db,
        Principal principal,
        Protection protection,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        if (await ChangeTarget.ExperimentAsync(db, protection, request, cancellationToken) is not { } experiment)
        {
            return new PlannedChange(request, null, null);
        }

        return (await rules.PlanAsync(db, principal, experiment, cancellationToken)).Map(plan => new PlannedChange(
            request,
            experiment,
            plan
        ));
    }

    private async Task<Result<string>> StartAsync(
        PromptPilotDbContext db,
        Principal principal,
        PlannedChange plan,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        var added = await ExperimentStart.AddAsync(db, principal, plan.Experiment!, plan.Plan!, Now, cancellationToken);
        if (!added.IsOk)
        {
            return added.Problem;
        }

        request.ExperimentId = added.Value.Id;
        return added.Value.Id;
    }

    private sealed record PlannedChange(ChangeRequest Request, ExperimentRequest? Experiment, PlannedExperiment? Plan);
}
