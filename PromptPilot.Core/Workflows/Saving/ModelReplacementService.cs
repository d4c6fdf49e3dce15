using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Saving;

/// <summary>A workflow whose draft was moved to another model profile.</summary>
/// <param name="Steps">The number of moved steps.</param>
/// <param name="NeedsPublishing">Its published version still uses the old profile.</param>
public sealed record MovedWorkflow(string WorkflowId, string Name, int Steps, bool NeedsPublishing, int Revision);

/// <summary>Moves all steps from one model profile to another, e.g. because its model is shut down.</summary>
public sealed class ModelReplacementService(Operations operations, ModelProfiles profiles, TimeProvider time)
{
    /// <summary>
    /// Changes the drafts of all workflows that use a profile, in one transaction; archived ones too, so that they work when restored.
    /// Published versions keep the old profile until they are published again.
    /// </summary>
    /// <returns>The workflows by name.</returns>
    public Task<Result<IReadOnlyList<MovedWorkflow>>> MoveAsync(
        Actor actor,
        string profileId,
        string newProfileId,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<IReadOnlyList<MovedWorkflow>>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                if (
                    await profiles.FindAsync(profileId, cancellationToken) is null
                    || await profiles.FindAsync(newProfileId, cancellationToken) is not { } chosen
                )
                {
                    return Problem.NotFound("model profile");
                }

                if (profileId == newProfileId || !chosen.Enabled)
                {
                    return Problem.Conflict(
                        chosen.Enabled ? "Choose another model profile to move to." : $"“{chosen.Name}” is disabled. Enable it first."
                    );
                }

                var workflows = await db
                    .Workflows.Include(w => w.Steps)
                    .OrderBy(w => w.Name)
                    .ThenBy(w => w.Id)
                    .ToListAsync(cancellationToken);
                var moved = new List<MovedWorkflow>();
                foreach (var workflow in workflows)
                {
                    var steps = workflow
                        .Steps.Where(step => StepArms.ModelsOf(step.Model, step.Options).Contains(profileId, StringComparer.Ordinal))
                        .ToList();
                    if (steps.Count == 0)
                    {
                        continue;
                    }

                    foreach (var step in steps)
                    {
                        step.Model = step.Model == profileId ? newProfileId : step.Model;
                        step.Options = step.Options with
                        {
                            Arms = StepArms.WithModels(step.Options.Arms, id => id == profileId ? newProfileId : id),
                            Fallbacks = FallbacksOf(step, profileId, newProfileId),
                        };
                    }

                    var isPublished = workflow.Status == WorkflowStatus.Published;
                    workflow.HasUnpublishedChanges |= isPublished;
                    workflow.Revision++;
                    workflow.UpdatedAt = time.GetUtcNow().UtcDateTime;
                    workflow.UpdatedBy = principal.UserId;
                    moved.Add(new MovedWorkflow(workflow.Id, workflow.Name, steps.Count, isPublished, workflow.Revision));
                }

                await db.SaveChangesAsync(cancellationToken);
                return moved;
            },
            cancellationToken
        );

    /// <summary>The new profile in place of the old one, unless the step calls it already.</summary>
    private static JsonElement? FallbacksOf(WorkflowStep step, string profileId, string newProfileId) =>
        StepFallbacks.Read(step.Options.Fallbacks) is { } ids
            ? StepFallbacks.Write(ids.Select(id => id == profileId ? newProfileId : id).Where(id => id != step.Model).Distinct())
            : step.Options.Fallbacks;
}
