using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The version that a new run of a workflow executes.</summary>
/// <param name="VersionId">Null while nothing is published.</param>
/// <param name="ManualTriggerId">Null while the manual trigger is disabled.</param>
internal sealed record RunTarget(string Name, WorkflowStatus Status, string? VersionId, int? Version, string? ManualTriggerId)
{
    /// <summary>A/B tests are stopped: steps use their own versions.</summary>
    public bool AreArmsStopped { get; init; }
}

/// <summary>Finds the version that a new run of a workflow executes; kept in memory until the next commit.</summary>
public sealed class RunTargets(IDbContextFactory<PromptPilotDbContext> contexts, DataVersion version)
{
    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<RunTarget?>> FindTarget = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, CancellationToken _) =>
            db
                .Workflows.Where(workflow => workflow.Id == id)
                .Select(workflow => new RunTarget(
                    workflow.Name,
                    workflow.Status,
                    workflow.PublishedVersionId,
                    workflow.PublishedVersion,
                    workflow
                        .Triggers.Where(trigger => trigger.Type == TriggerType.Manual && trigger.Enabled)
                        .Select(trigger => trigger.Id)
                        .FirstOrDefault()
                )
                {
                    AreArmsStopped = workflow.AreArmsStopped,
                })
                .SingleOrDefault()
    );

    private readonly CommittedCache<RunTarget> _targets = new(
        version,
        async (id, cancellationToken) =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await FindTarget(db, id, cancellationToken);
        }
    );

    /// <returns>Null when there is no such workflow.</returns>
    internal ValueTask<RunTarget?> FindAsync(string workflowId, CancellationToken cancellationToken) =>
        _targets.FindAsync(workflowId, cancellationToken);
}
