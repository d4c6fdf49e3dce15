using System.Runtime.CompilerServices;
using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Something a run needs no longer exists in the database.</summary>
internal class RunPlanException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The stored data of a run cannot be read, e.g. because something else wrote to the database.</summary>
internal sealed class RunUnreadableException(string message, Exception? cause = null) : RunPlanException(message, cause);

/// <summary>Creates plans from stored versions, which are immutable and cached.</summary>
public sealed class RunPlans(WorkflowVersions workflowVersions, PromptVersions promptVersions, ModelProfiles profiles)
{
    /// <summary>The keys each step reads, by step id. Cached for published definitions, which all their runs share.</summary>
    private readonly ConditionalWeakTable<WorkflowDefinition, Dictionary<string, IReadOnlyList<string>>> _reads = [];

    /// <summary>The plan of a run.</summary>
    /// <exception cref="RunPlanException">A version it needs is gone; nothing that a run uses can be deleted.</exception>
    internal async ValueTask<RunPlan> ForAsync(WorkflowRun run, CancellationToken cancellationToken)
    {
        var definition = await DefinitionOfAsync(run, cancellationToken);
        return await MakeAsync(definition, run.ResolvedPrompts, run.Priority, cancellationToken);
    }

    /// <summary>The definition that a run executes.</summary>
    /// <exception cref="RunPlanException">The version is gone.</exception>
    internal async ValueTask<WorkflowDefinition> DefinitionOfAsync(WorkflowRun run, CancellationToken cancellationToken) =>
        run.Definition
        ?? (run.WorkflowVersionId is { } id ? (await workflowVersions.FindAsync(id, cancellationToken))?.Definition : null)
        ?? throw new RunPlanException($"Workflow version {run.WorkflowVersionId} of run {run.Id} no longer exists.");

    /// <summary>The plan of a definition.</summary>
    /// <param name="resolved">Step id → PromptVersion id, for steps that name a label; models of arms; and the labels of parts.</param>
    /// <param name="priority">Experiments do not use fallbacks: they measure the profile that they name.</param>
    internal async ValueTask<RunPlan> MakeAsync(
        WorkflowDefinition definition,
        IReadOnlyDictionary<string, string> resolved,
        RunPriority priority,
        CancellationToken cancellationToken
    )
    {
        var reads = _reads.GetValue(
            definition,
            static made => StepGraph.Of(made.Steps).ToDictionary(node => node.StepId, node => node.Reads)
        );
        var steps = new List<PlannedStep>(definition.Steps.Count);
        foreach (var step in definition.Steps.OrderBy(step => step.Order))
        {
            var versionId =
                resolved.GetValueOrDefault(step.Id)
                ?? step.PromptVersionId
                ?? throw new RunPlanException($"Step {step.Id} has no resolved prompt version.");
            var prompt =
                await promptVersions.FindAsync(versionId, cancellationToken)
                ?? throw new RunPlanException($"Prompt version {versionId} of step {step.Id} no longer exists.");
            var whole = await promptVersions.WithPartsAsync(prompt, resolved, cancellationToken);
            if (!whole.IsOk)
            {
                throw new RunPlanException($"Step {step.Id}: {whole.Problem.Message}");
            }

            var profileId = resolved.GetValueOrDefault(StepArms.ModelKey(step.Id)) ?? step.Model;
            var profile = await profiles.FindAsync(profileId, cancellationToken);
            steps.Add(
                new PlannedStep(
                    step.Id,
                    step.OutputKey,
                    step.Order,
                    prompt,
                    profileId,
                    profile?.Name ?? "deleted profile",
                    reads[step.Id],
                    step.InputMapping
                )
                {
                    Options = step.Options,
                    Fallbacks =
                        priority != RunPriority.Experiment && profile is not null
                            ? await FallbacksOfAsync(step, profile, definition.Inputs, cancellationToken)
                            : [],
                    FixedValues = step.FixedValues,
                    Source = whole.Value.Source,
                    PartVersions = whole.Value.Labels,
                }
            );
        }

        return new RunPlan(steps, definition.Options.OfRun());
    }

    /// <summary>Why a run with these inputs cannot start: a step would send a picture to a model that takes none.</summary>
    internal async Task<Problem?> PictureProblemAsync(
        RunPlan plan,
        WorkflowDefinition definition,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellationToken
    )
    {
        // A step with a condition may not run at all.
        foreach (var step in plan.Steps.Where(step => step.Options.When is null))
        {
            if (
                StepPictures
                    .Of(step.InputMapping, definition.Inputs)
                    .FirstOrDefault(name => inputs.TryGetValue(name, out var value) && FileReference.Read(value) is not null)
                    is { } name
                && await profiles.FindAsync(step.ProfileId, cancellationToken) is { } profile
                && ModelAbilities.PictureRefusal(profile) is { } refusal
            )
            {
                return Problem.AtField($"inputs.{name}", $"Step “{step.OutputKey}” sends this picture. {refusal}");
            }
        }

        return null;
    }

    /// <summary>The step's own fallbacks, else those of its profile; without models that do not take what it sends.</summary>
    private async ValueTask<IReadOnlyList<FallbackProfile>> FallbacksOfAsync(
        StepDefinition step,
        ModelProfile profile,
        IReadOnlyList<WorkflowInput> inputs,
        CancellationToken cancellationToken
    )
    {
        var ids = StepFallbacks.Read(step.Options.Fallbacks) ?? profile.Fallbacks;
        if (ids.Count == 0)
        {
            return [];
        }

        var sendsPictures = StepPictures.Of(step.InputMapping, inputs).Count > 0;
        var found = new List<FallbackProfile>(ids.Count);
        foreach (var id in ids)
        {
            if (
                id != profile.Id
                && await profiles.FindAsync(id, cancellationToken) is { Enabled: true } other
                && !(sendsPictures && ModelAbilities.TakesPictures(other) == false)
            )
            {
                found.Add(new FallbackProfile(other.Id, other.Name));
            }
        }

        return found;
    }

    /// <summary>Resolves the labels that steps follow and chooses the arms of A/B tests, once, when a run is created.</summary>
    /// <param name="choice">What decides A/B tests; null: steps use their own versions and models.</param>
    /// <returns>
    /// Step id → PromptVersion id, and <see cref="StepArms.ModelKey"/> → ModelProfile id; Conflict when a prompt does not have the label.
    /// </returns>
    internal async Task<Result<Dictionary<string, string>>> ResolveLabelsAsync(
        WorkflowDefinition definition,
        ArmChoice? choice,
        CancellationToken cancellationToken
    )
    {
        var resolved = new Dictionary<string, string>();
        foreach (var step in definition.Steps)
        {
            if (choice is not null && step.Arms is { } arms)
            {
                var arm = StepArms.Choose(arms, step.Id, choice.KeyOf(step));
                resolved.Add(step.Id, arm.PromptVersionId);
                if (arm.Model is { } model)
                {
                    resolved.Add(StepArms.ModelKey(step.Id), model);
                }

                continue;
            }

            if (step.PromptLabel is not { } label)
            {
                continue;
            }

            if (await promptVersions.ResolveLabelAsync(step.PromptId, label, cancellationToken) is not { } versionId)
            {
                return Problem.Conflict(
                    $"Step “{step.OutputKey}” follows the label “{label}”, which its prompt does not have. "
                        + "Set the label on a version, or choose another version and publish the workflow."
                );
            }

            resolved.Add(step.Id, versionId);
        }

        return await ResolvePartLabelsAsync(definition, resolved, cancellationToken) is { } problem ? problem : resolved;
    }

    /// <summary>Resolves the labels that parts of the prompts follow.</summary>
    /// <param name="resolved">Step id → PromptVersion id; receives the labels, so that the run keeps what they were on.</param>
    /// <returns>Conflict when a part is gone, lacks the label, or includes itself by way of one.</returns>
    internal async Task<Problem?> ResolvePartLabelsAsync(
        WorkflowDefinition definition,
        Dictionary<string, string> resolved,
        CancellationToken cancellationToken
    )
    {
        foreach (var step in definition.Steps)
        {
            if (
                (resolved.GetValueOrDefault(step.Id) ?? step.PromptVersionId) is { } versionId
                && await promptVersions.FindAsync(versionId, cancellationToken) is { } prompt
            )
            {
                var whole = await promptVersions.WithPartsAsync(prompt, resolved, cancellationToken);
                if (!whole.IsOk)
                {
                    return Problem.Conflict($"Step “{step.OutputKey}”: {whole.Problem.Message}");
                }

                foreach (var (label, id) in whole.Value.Labels ?? [])
                {
                    resolved[label] = id;
                }
            }
        }

        return null;
    }
}
