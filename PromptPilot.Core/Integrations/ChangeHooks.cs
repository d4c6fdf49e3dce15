using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Uses;

namespace PromptPilot.Core.Integrations;

/// <summary>
/// Writes a delivery for each hook that reports change requests: hooks of the workflow that is to be published, and of those whose steps
/// follow the label that is to move.
/// </summary>
internal sealed class ChangeHooks(HookOutbox outbox, TimeProvider time) : IChangeObserver
{
    private const int MaxText = 1000;

    async Task IChangeObserver.AddAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        ChangeEvent what,
        string by,
        CancellationToken cancellationToken
    )
    {
        var happened = EventOf(what);
        var hooks = (await db.IntegrationHooks.AsNoTracking().Where(hook => hook.Enabled).ToListAsync(cancellationToken)).FindAll(hook =>
            hook.On.Contains(happened)
        );
        if (hooks.Count == 0)
        {
            return;
        }

        var workflows = await WorkflowsAsync(db, request, cancellationToken);
        var change = await ChangeListService.Items(db, db.ChangeRequests.Where(r => r.Id == request.Id)).SingleAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var hook in hooks.Where(hook => workflows.Contains(hook.LinkedWorkflowId)))
        {
            var payload = new HookPayload
            {
                Event = happened,
                At = now,
                WorkflowId = hook.LinkedWorkflowId,
                WorkflowName = await HookWorkflows.NameAsync(db, hook.LinkedWorkflowId, cancellationToken) ?? "",
                Change = new HookChange(
                    change.Id,
                    change.Status,
                    change.PromptId,
                    change.Label,
                    change.Name,
                    change.FromVersion,
                    change.ToVersion,
                    change.RequestedBy,
                    by,
                    Cut(request.Note),
                    Cut(request.Reason)
                ),
            };
            db.HookDeliveries.Add(
                new HookDelivery
                {
                    HookId = hook.Id,
                    Event = happened,
                    Payload = payload.ToJson(),
                    CreatedAt = now,
                    NextAttemptAt = now,
                }
            );
        }
    }

    void IChangeObserver.Committed() => outbox.Written.Raise();

    private static HookEvent EventOf(ChangeEvent what) =>
        what switch
        {
            ChangeEvent.Requested => HookEvent.ChangeRequested,
            ChangeEvent.Approved => HookEvent.ChangeApproved,
            ChangeEvent.Rejected => HookEvent.ChangeRejected,
            ChangeEvent.Withdrawn => HookEvent.ChangeWithdrawn,
            ChangeEvent.Applied => HookEvent.ChangeApplied,
        };

    /// <summary>Ids of the workflows that the change is about.</summary>
    private static async Task<HashSet<string>> WorkflowsAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.WorkflowId is { } workflowId)
        {
            return [workflowId];
        }

        var versions = await db
            .PromptVersions.AsNoTracking()
            .Where(version => version.Id == request.From || version.Id == request.To)
            .ToDictionaryAsync(version => version.Id, cancellationToken);
        var from = request.From is { } id ? versions.GetValueOrDefault(id) : null;
        var impact = await LabelImpactFinder.FindAsync(db, request.Label!, from, versions[request.To], cancellationToken);
        return [.. impact.Followers.Select(follower => follower.WorkflowId)];
    }

    private static string? Cut(string? text) => text is null ? null : Shared.Texts.Shorten.Text(text, MaxText);
}
