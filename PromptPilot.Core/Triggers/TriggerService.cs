using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>Reads and edits what starts a workflow. Each write is one transaction behind the write gate.</summary>
public sealed class TriggerService(Operations operations, TriggerSecrets secrets, TriggerChanges changes, TimeProvider time)
{
    private const string What = "trigger";

    /// <summary>The most triggers of a workflow.</summary>
    public const int Most = 100;

    /// <summary>The time for which the previous secret stays valid after a rotation.</summary>
    public static readonly TimeSpan RotationTime = TimeSpan.FromHours(24);

    /// <summary>All triggers of a workflow, the oldest first.</summary>
    public Task<Result<IReadOnlyList<Trigger>>> ListAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<Trigger>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var triggers = await db
                    .Triggers.AsNoTracking()
                    .Where(t => t.WorkflowId == workflowId)
                    .OrderBy(t => t.CreatedAt)
                    .ToListAsync(cancellationToken);
                return triggers.Count == 0 ? Problem.NotFound("workflow") : triggers;
            },
            cancellationToken
        );

    /// <summary>One trigger of a workflow.</summary>
    public Task<Result<Trigger>> FindAsync(Actor actor, string workflowId, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<Trigger>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                return
                    await db.Triggers.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id && t.WorkflowId == workflowId, cancellationToken)
                        is { } trigger
                    ? trigger
                    : Problem.NotFound(What);
            },
            cancellationToken
        );

    /// <summary>Adds a schedule or a webhook.</summary>
    /// <returns>The trigger, once with a webhook's secret; or the errors at its fields.</returns>
    public async Task<Result<TriggerWithSecret>> CreateAsync(
        Actor actor,
        string workflowId,
        TriggerContent content,
        CancellationToken cancellationToken
    )
    {
        var result = await operations.ExclusiveAsync<TriggerWithSecret>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                if (content.Type == TriggerType.Manual)
                {
                    return Problem.AtField("type", "Every workflow already has a manual trigger. Choose scheduled or webhook.");
                }

                if (await TriggerInputs.FindAsync(db, workflowId, cancellationToken) is not { } inputs)
                {
                    return Problem.NotFound("workflow");
                }

                if (TriggerRules.Find(content, inputs) is { Count: > 0 } errors)
                {
                    return Problem.Invalid("Could not save the trigger.", errors);
                }

                if (await db.Triggers.CountAsync(t => t.WorkflowId == workflowId, cancellationToken) >= Most)
                {
                    return Problem.Conflict($"A workflow can have at most {Most} triggers. Delete one that is no longer needed.");
                }

                var trigger = new Trigger
                {
                    WorkflowId = workflowId,
                    Type = content.Type,
                    CreatedAt = Now,
                };
                var secret = TriggerWriter.Apply(trigger, content, secrets, Now);
                db.Triggers.Add(trigger);
                await db.SaveChangesAsync(cancellationToken);
                return new TriggerWithSecret(trigger, secret);
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            changes.Notify();
        }

        return result;
    }

    /// <summary>Replaces a trigger's settings; its type and its secret stay.</summary>
    /// <param name="ifRevision">The revision the author saw; null overwrites.</param>
    /// <returns>The trigger, with a secret in clear if it got one only now.</returns>
    public Task<Result<TriggerWithSecret>> UpdateAsync(
        Actor actor,
        string workflowId,
        string id,
        TriggerContent content,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            workflowId,
            id,
            ifRevision,
            (trigger, inputs) =>
            {
                if (content.Type != trigger.Type)
                {
                    return Problem.AtField("type", "The type of a trigger cannot change. Create another trigger instead.");
                }

                return TriggerRules.Find(content, inputs, trigger.Webhook) is { Count: > 0 } errors
                    ? Problem.Invalid("Could not save the trigger.", errors)
                    : new TriggerWithSecret(trigger, TriggerWriter.Apply(trigger, content, secrets, Now));
            },
            cancellationToken
        );

    /// <summary>Pauses or resumes a trigger. Firings during the pause are not made up for.</summary>
    public async Task<Result<Trigger>> SetEnabledAsync(
        Actor actor,
        string workflowId,
        string id,
        bool enabled,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        (
            await WriteAsync(
                actor,
                workflowId,
                id,
                ifRevision,
                (trigger, _) =>
                {
                    if (
                        enabled
                        && trigger is { Type: TriggerType.Scheduled, Schedule: null } or { Type: TriggerType.Webhook, Webhook: null }
                    )
                    {
                        return Problem.Conflict("This trigger was imported and is incomplete. Open and save it first.");
                    }

                    if (trigger.Enabled != enabled)
                    {
                        trigger.Enabled = enabled;
                        trigger.NextAt = TriggerWriter.NextOf(trigger, Now);
                    }

                    return new TriggerWithSecret(trigger, null);
                },
                cancellationToken
            )
        ).Map(result => result.Trigger);

    /// <summary>Gives a webhook a new secret. The previous one stays valid for <see cref="RotationTime"/>.</summary>
    /// <returns>The new secret in clear, this once.</returns>
    public Task<Result<TriggerWithSecret>> RotateSecretAsync(
        Actor actor,
        string workflowId,
        string id,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            workflowId,
            id,
            ifRevision,
            (trigger, _) =>
            {
                if (trigger.Webhook is not { } webhook)
                {
                    return Problem.Conflict("Only a webhook has a secret.");
                }

                if (TriggerRules.IsSendersOwn(webhook.Verification))
                {
                    return Problem.Conflict("The sender generates this secret. Create a new one there, then paste it here.");
                }

                var secret = TriggerWriter.Rotate(trigger, webhook, secrets, Now + RotationTime);
                return new TriggerWithSecret(trigger, secret);
            },
            cancellationToken
        );

    /// <summary>Deletes a trigger with the history of its firings. Its runs stay.</summary>
    public Task<Result<Done>> DeleteAsync(
        Actor actor,
        string workflowId,
        string id,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync<Done>(
            actor,
            workflowId,
            id,
            ifRevision,
            async (db, trigger) =>
            {
                if (trigger.Type == TriggerType.Manual)
                {
                    return Problem.Conflict("The manual trigger cannot be deleted. Disable it instead.");
                }

                db.Triggers.Remove(trigger);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private Task<Result<TriggerWithSecret>> WriteAsync(
        Actor actor,
        string workflowId,
        string id,
        int? ifRevision,
        Func<Trigger, IReadOnlyList<WorkflowInput>, Result<TriggerWithSecret>> change,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync<TriggerWithSecret>(
            actor,
            workflowId,
            id,
            ifRevision,
            async (db, trigger) =>
            {
                var changed = change(trigger, (await TriggerInputs.FindAsync(db, workflowId, cancellationToken))!);
                if (changed.IsOk && db.ChangeTracker.HasChanges())
                {
                    trigger.Revision++;
                    await db.SaveChangesAsync(cancellationToken);
                }

                return changed;
            },
            cancellationToken
        );

    /// <summary>A change of one trigger: permission, existence and revision first. Watchers of triggers are notified.</summary>
    private async Task<Result<T>> ChangeAsync<T>(
        Actor actor,
        string workflowId,
        string id,
        int? ifRevision,
        Func<PromptPilotDbContext, Trigger, Task<Result<T>>> change,
        CancellationToken cancellationToken
    )
    {
        var result = await operations.ExclusiveAsync<T>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var triggers = db.Triggers.Where(t => t.Id == id && t.WorkflowId == workflowId);
                var trigger = await triggers.ToChangeAsync(What, ifRevision, cancellationToken);
                return trigger.IsOk ? await change(db, trigger.Value) : trigger.Problem;
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            changes.Notify();
        }

        return result;
    }
}
