using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>A run that a trigger starts.</summary>
/// <param name="Payload">The value of <c>trigger</c> in expressions; stored with the run.</param>
/// <param name="IdempotencyKey">Unique in the trigger: a repetition answers with the first run, across restarts too.</param>
public sealed record TriggerStart(
    TriggerType Kind,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    JsonElement Payload,
    string? IdempotencyKey
);

/// <summary>
/// The one way in which triggers start runs: in the name of the workflow's owner, as the database has them now. Whether the trigger is
/// enabled is its kind's business.
/// </summary>
public sealed class TriggeredRuns(IDbContextFactory<PromptPilotDbContext> contexts, Access access, RunDispatcher dispatcher)
{
    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<Target?>> FindTarget = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, CancellationToken _) =>
            db
                .Triggers.Where(trigger => trigger.Id == id)
                .Join(
                    db.Workflows,
                    trigger => trigger.WorkflowId,
                    workflow => workflow.Id,
                    (trigger, workflow) => new Target(workflow.Id, workflow.Owner)
                )
                .SingleOrDefault()
    );

    private sealed record Target(string WorkflowId, string? Owner);

    /// <summary>Starts a run of the published version.</summary>
    /// <returns>The run, or the first one under the same key; a problem of owner, workflow or inputs; Unavailable when it is worth trying
    /// again.</returns>
    internal async Task<Result<StartedRun>> StartAsync(string triggerId, TriggerStart start, CancellationToken cancellationToken)
    {
        Target? target;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            target = await FindTarget(db, triggerId, cancellationToken);
        }

        return target is null
            ? Problem.NotFound("trigger")
            : await StartAsync(triggerId, target.WorkflowId, target.Owner, start, cancellationToken);
    }

    /// <summary>For callers that have just read the workflow's owner.</summary>
    internal async Task<Result<StartedRun>> StartAsync(
        string triggerId,
        string workflowId,
        string? owner,
        TriggerStart start,
        CancellationToken cancellationToken
    )
    {
        if (owner is null)
        {
            return Problem.Conflict(
                "The owner of this workflow was deleted, so it cannot run on their behalf. Give the workflow another owner."
            );
        }

        var principal = await access.RequireAsync(new Actor.Firing(triggerId, owner), Permission.Run, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem with
            {
                Message = $"Triggers run on behalf of the workflow's owner, who no longer has access. {principal.Problem.Message}",
            };
        }

        var origin = new RunOrigin(
            start.Kind,
            triggerId,
            start.Kind == TriggerType.Webhook ? RunPriority.Webhook : RunPriority.Scheduled,
            start.Payload
        );
        return await dispatcher.DispatchAsync(
            principal.Value,
            "trigger:" + triggerId,
            new StartRunRequest(workflowId, start.Inputs, start.IdempotencyKey),
            cancellationToken,
            origin
        );
    }
}
