using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Core.Workflows.Saving;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Workflows;

/// <summary>Reads, edits, publishes and archives workflows. Each write is one transaction behind the write gate.</summary>
public sealed class WorkflowService(Operations operations, LiveLimits limits, TimeProvider time)
{
    public const int MaxMessageLength = 500;
    public const int MaxNameLength = WorkflowProblems.MaxNameLength;

    private const string What = "workflow";

    /// <summary>A page of the workflows, the last changed first.</summary>
    public Task<Result<Page<WorkflowListItem>>> ListAsync(
        Actor actor,
        WorkflowFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<WorkflowListItem>>(
            actor,
            Permission.Read,
            async (db, _) => await WorkflowQueries.ListAsync(db, filter, page, cancellationToken),
            cancellationToken
        );

    /// <summary>The tags and owners there are to filter by.</summary>
    public Task<Result<WorkflowFacets>> ListFacetsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<WorkflowFacets>(
            actor,
            Permission.Read,
            async (db, _) => await WorkflowQueries.FacetsAsync(db, cancellationToken),
            cancellationToken
        );

    /// <summary>The workflow, whole.</summary>
    public Task<Result<WorkflowView>> FindAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<WorkflowView>(
            actor,
            Permission.Read,
            async (db, _) => await FoundAsync(db, id, cancellationToken),
            cancellationToken
        );

    /// <summary>The errors in a draft, saved or not, and its data flow.</summary>
    public Task<Result<WorkflowCheck>> CheckAsync(Actor actor, WorkflowContent content, CancellationToken cancellationToken) =>
        operations.ReadAsync<WorkflowCheck>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var tidy = content.Tidy();
                var facts = await WorkflowFacts.LoadAsync(db, tidy.Steps, cancellationToken) with { Author = principal.Role };
                var sequence = tidy.Sequence().Select(position => tidy.Steps[position]);
                return new WorkflowCheck(
                    WorkflowProblems.Find(tidy, facts),
                    StepGraph.Of(sequence.Select(s => (s.Id ?? "", s.OutputKey, s.InputMapping, s.Options)))
                );
            },
            cancellationToken
        );

    /// <summary>Creates a draft with its manual trigger. Steps get new ids.</summary>
    /// <returns>The workflow, or the problems that block saving.</returns>
    public Task<Result<WorkflowView>> CreateAsync(Actor actor, WorkflowContent content, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<WorkflowView>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var tidy = content.Tidy();
                if (await WorkflowRefusals.BlockingAsync(db, tidy, principal, [], cancellationToken) is { } problem)
                {
                    return problem;
                }

                var now = time.GetUtcNow().UtcDateTime;
                var workflow = new Workflow
                {
                    Name = tidy.Name,
                    Owner = principal.UserId,
                    CreatedAt = now,
                    UpdatedAt = now,
                    UpdatedBy = principal.UserId,
                };
                db.Workflows.Add(workflow);
                WorkflowChanges.Apply(db, workflow, tidy with { Steps = [.. tidy.Steps.Select(step => step with { Id = null })] });
                db.Triggers.Add(
                    new Trigger
                    {
                        WorkflowId = workflow.Id,
                        Type = TriggerType.Manual,
                        CreatedAt = now,
                    }
                );
                await db.SaveChangesAsync(cancellationToken);
                return await FoundAsync(db, workflow.Id, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Replaces the draft. Steps keep their given ids; the published version does not change.</summary>
    /// <param name="ifRevision">The revision the author saw; null overwrites.</param>
    public Task<Result<WorkflowView>> UpdateAsync(
        Actor actor,
        string id,
        WorkflowContent content,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            async (db, workflow, principal) =>
            {
                var tidy = content.Tidy();
                if (workflow.Status == WorkflowStatus.Archived)
                {
                    return Problem.Conflict("This workflow is archived. Unarchive it before you change it.");
                }

                if (WorkflowChanges.UnknownSteps(workflow, tidy) is { Count: > 0 } errors)
                {
                    return Problem.Invalid("Could not save the workflow.", errors);
                }

                if (
                    await WorkflowRefusals.BlockingAsync(
                        db,
                        tidy,
                        principal,
                        workflow.Steps.SelectMany(step => StepArms.ModelsOf(step.Model, step.Options)),
                        cancellationToken
                    ) is
                    { } problem
                )
                {
                    return problem;
                }

                WorkflowChanges.Apply(db, workflow, tidy);
                workflow.HasUnpublishedChanges |=
                    workflow.Status == WorkflowStatus.Published && WorkflowChanges.ChangesWhatRuns(db, workflow);
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>Deletes the workflow with its runs and their logs. Refused while a run is unfinished.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string id, int? ifRevision, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            (db, _) => WorkflowDeletion.DeleteAsync(db, id, ifRevision, time.GetUtcNow().UtcDateTime, cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// Freezes the draft as the next version, which is what runs from now on. What differs in nothing from the published version makes no
    /// new one.
    /// </summary>
    /// <param name="message">A note about the new version for its history, in one line.</param>
    /// <returns>The workflow, or all of its problems; Conflict if it is protected.</returns>
    public Task<Result<WorkflowView>> PublishAsync(
        Actor actor,
        string id,
        int? ifRevision,
        CancellationToken cancellationToken,
        string? message = null
    ) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            async (db, workflow, principal) =>
            {
                var published = await WorkflowPublishing.PublishAsync(
                    db,
                    workflow,
                    new Publishing(principal.UserId, principal.Role, message, time.GetUtcNow().UtcDateTime),
                    cancellationToken
                );
                return published.Map(_ => default(Done));
            },
            cancellationToken
        );

    /// <summary>Puts the workflow away: triggers pause, runs are refused.</summary>
    public Task<Result<WorkflowView>> ArchiveAsync(Actor actor, string id, int? ifRevision, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            (_, workflow, _) =>
            {
                workflow.Status = WorkflowStatus.Archived;
                return Task.FromResult<Result<Done>>(default(Done));
            },
            cancellationToken
        );

    /// <summary>Takes the workflow out of the archive, as a draft: it runs again once it is published.</summary>
    public Task<Result<WorkflowView>> UnarchiveAsync(Actor actor, string id, int? ifRevision, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            (_, workflow, _) =>
            {
                if (workflow.Status != WorkflowStatus.Archived)
                {
                    return Task.FromResult<Result<Done>>(Problem.Conflict("This workflow is not archived."));
                }

                workflow.Status = WorkflowStatus.Draft;
                return Task.FromResult<Result<Done>>(default(Done));
            },
            cancellationToken
        );

    /// <summary>Allows or refuses runs by page and API.</summary>
    public Task<Result<WorkflowView>> SetManualTriggerAsync(
        Actor actor,
        string id,
        bool enabled,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            actor,
            id,
            ifRevision,
            async (db, workflow, _) =>
            {
                var trigger = await db.Triggers.SingleAsync(
                    t => t.WorkflowId == workflow.Id && t.Type == TriggerType.Manual,
                    cancellationToken
                );
                if (trigger.Enabled != enabled)
                {
                    trigger.Enabled = enabled;
                    trigger.Revision++;
                }

                return default(Done);
            },
            cancellationToken
        );

    /// <summary>One change of one workflow: permission, existence and revision first; a new revision when anything changed.</summary>
    private async Task<Result<WorkflowView>> WriteAsync(
        Actor actor,
        string id,
        int? ifRevision,
        Func<PromptPilotDbContext, Workflow, Principal, Task<Result<Done>>> change,
        CancellationToken cancellationToken
    )
    {
        var result = await operations.ExclusiveAsync<WorkflowView>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var workflow = await db
                    .Workflows.Include(w => w.Steps.OrderBy(s => s.Order))
                    .SingleOrDefaultAsync(w => w.Id == id, cancellationToken);
                if (workflow is null || (ifRevision is not null && ifRevision != workflow.Revision))
                {
                    return workflow is null ? Problem.NotFound(What) : await WorkflowRefusals.StaleAsync(db, workflow, cancellationToken);
                }

                var changed = await change(db, workflow, principal);
                if (!changed.IsOk)
                {
                    return changed.Problem;
                }

                if (db.ChangeTracker.HasChanges())
                {
                    workflow.Revision++;
                    workflow.UpdatedAt = time.GetUtcNow().UtcDateTime;
                    workflow.UpdatedBy = principal.UserId;
                    await db.SaveChangesAsync(cancellationToken);
                }

                return await FoundAsync(db, id, cancellationToken);
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            limits.Drop(id);
        }

        return result;
    }

    private static async Task<Result<WorkflowView>> FoundAsync(PromptPilotDbContext db, string id, CancellationToken cancellationToken) =>
        await WorkflowQueries.FindAsync(db, id, cancellationToken) is { } view ? view : Problem.NotFound(What);
}
