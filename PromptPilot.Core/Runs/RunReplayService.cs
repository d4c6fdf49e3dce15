using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs;

/// <summary>A request to run again from one step on, with something changed. Null leaves a value unchanged.</summary>
/// <param name="StepId">The changed step; it and everything that reads it run again, everything else that succeeded is kept.</param>
/// <param name="PromptVersion">Another version of the step's prompt.</param>
/// <param name="Model">Id of another model profile for the step.</param>
/// <param name="Parameters">Parameters for the step's calls.</param>
/// <param name="Values">Values of prompt variables of the step, instead of its mapping.</param>
/// <param name="Inputs">Inputs of the run, by name, instead of the old ones. Steps that are kept do not see them.</param>
public sealed record ForkRequest(
    string StepId,
    string? PromptVersion = null,
    string? Model = null,
    ParameterChanges? Parameters = null,
    IReadOnlyDictionary<string, JsonElement>? Values = null,
    IReadOnlyDictionary<string, JsonElement>? Inputs = null
);

/// <summary>Retries and forks runs. Kept results are referenced, not copied.</summary>
public sealed class RunReplayService(
    Operations operations,
    Access access,
    RunLoader loader,
    RunPlans plans,
    RunLauncher launcher,
    PromptVersions promptVersions,
    ModelProfiles profiles,
    TimeProvider time
)
{
    /// <summary>Runs failed and unreached steps again, with the same versions and inputs; other results are kept.</summary>
    /// <returns>The new run, whose parent is the old one; Conflict when the run has not ended, or succeeded.</returns>
    public async Task<Result<StartedRun>> RetryAsync(Actor actor, string runId, CancellationToken cancellationToken)
    {
        var found = await FindAsync(actor, runId, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var (principal, progress) = found.Value;
        if (!progress.State.IsFinished)
        {
            return Problem.Conflict("This run has not ended yet. Wait for it to end, or cancel it first.");
        }

        if (progress.State.Status == RunStatus.Succeeded)
        {
            return Problem.Conflict("This run succeeded: there is nothing to retry. Fork it to run a step again, or start a new run.");
        }

        return await LaunchAsync(principal, progress, progress.Run.Definition, progress.Run.Inputs, null, cancellationToken);
    }

    /// <summary>Runs again from one step on, with something changed there; what does not depend on that step is kept.</summary>
    /// <returns>The new run, whose parent is the old one; problems at <c>stepId</c>, <c>promptVersion</c>, <c>model</c>,
    /// <c>parameters.…</c>, <c>values.NAME</c>, <c>inputs.NAME</c>.</returns>
    public async Task<Result<StartedRun>> ForkAsync(Actor actor, string runId, ForkRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(actor, runId, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var (principal, progress) = found.Value;
        var definition = await plans.DefinitionOfAsync(progress.Run, cancellationToken);
        if (definition.Steps.FirstOrDefault(step => step.Id == request.StepId) is not { } step)
        {
            return Problem.AtField("stepId", "This run has no such step. Choose one of its steps.");
        }

        var planned = progress.Plan.Step(step.Id);
        if (request.Values is { } values)
        {
            var files = await launcher.Files.TakeValuesAsync(planned.Prompt, values, principal, cancellationToken);
            if (!files.IsOk)
            {
                return files.Problem;
            }

            request = request with { Values = files.Value };
        }

        var changed = await ChangeAsync(principal, step, planned, request, cancellationToken);
        if (!changed.IsOk)
        {
            return changed.Problem;
        }

        IReadOnlyDictionary<string, JsonElement> inputs = progress.Run.Inputs;
        if (request.Inputs is { } given)
        {
            var merged = progress.Run.Inputs.Where(input => input.Value.ValueKind != JsonValueKind.Null).ToDictionary();
            foreach (var (name, value) in given)
            {
                merged[name] = value;
            }

            var taken = await launcher.Files.TakeAsync(definition.Inputs, merged, trigger: null, principal, cancellationToken);
            if (!taken.IsOk)
            {
                return taken.Problem;
            }

            var bound = WorkflowInputs.Bind(definition.Inputs, taken.Value.Inputs);
            if (!bound.IsOk)
            {
                return bound.Problem;
            }

            inputs = bound.Value;
        }

        var forked = definition with { Steps = [.. definition.Steps.Select(other => other.Id == step.Id ? changed.Value : other)] };
        return await LaunchAsync(principal, progress, forked, inputs, step.Id, cancellationToken);
    }

    private Task<Result<(Principal Principal, RunProgress Progress)>> FindAsync(
        Actor actor,
        string runId,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<(Principal Principal, RunProgress Progress)>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                if (launcher.IsStopping)
                {
                    return RunLauncher.Stopping;
                }

                RunProgress? progress;
                try
                {
                    progress = await loader.LoadAsync(runId, cancellationToken);
                }
                catch (RunUnreadableException)
                {
                    return Problem.Conflict("The stored data of this run cannot be read, so it cannot run again. Start a new run instead.");
                }
                catch (RunPlanException)
                {
                    return Problem.Conflict("A prompt version of this run no longer exists. Start a new run instead.");
                }

                if (progress is null)
                {
                    return Problem.NotFound("run");
                }

                if (
                    progress.Run.IsDraft
                    && await access.RequireAsync(actor, Permission.Write, cancellationToken) is { IsOk: false } unpublished
                )
                {
                    // Only users who can publish may run an unpublished definition.
                    return unpublished.Problem;
                }

                return await db.Workflows.AnyAsync(
                    workflow => workflow.Id == progress.Run.WorkflowId && workflow.Status == WorkflowStatus.Archived,
                    cancellationToken
                )
                    ? Problem.Conflict("This workflow is archived. Unarchive and publish it to run it.")
                    : (principal, progress);
            },
            cancellationToken
        );

    private async Task<Result<StepDefinition>> ChangeAsync(
        Principal principal,
        StepDefinition step,
        PlannedStep planned,
        ForkRequest request,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<FieldError>();
        var versionId = planned.Prompt.Id;
        var variables = planned.Prompt.Variables;
        if (request.PromptVersion is { } version)
        {
            if (
                await promptVersions.ResolveVersionAsync(step.PromptId, version, cancellationToken) is { } id
                && await promptVersions.FindAsync(id, cancellationToken) is { } other
            )
            {
                (versionId, variables) = (id, other.Variables);
            }
            else
            {
                errors.Add(new FieldError("promptVersion", $"“{planned.Prompt.Name}” has no version {version}."));
            }
        }

        if (request.Model is { } model)
        {
            var profile = await profiles.FindInfoAsync(model, cancellationToken);
            errors.AddRange(
                profile is not { Enabled: true }
                    ? [new FieldError("model", "There is no such model profile, or it is disabled. Choose another.")]
                : ModelUse.Allows(profile.Roles, principal.Role) ? []
                : [new FieldError("model", ModelUse.Refusal(profile.Name, profile.Roles))]
            );
        }

        errors.AddRange(request.Parameters?.Problems("parameters") ?? []);
        foreach (var (name, value) in request.Values ?? new Dictionary<string, JsonElement>())
        {
            if (!variables.Contains(name))
            {
                errors.Add(new FieldError($"values.{name}", $"The prompt has no variable “{name}”.{Spelling.DidYouMean(name, variables)}"));
            }
            else if (InputValues.Unusable(value) is { } unusable)
            {
                errors.Add(new FieldError($"values.{name}", unusable));
            }
        }

        return errors.Count > 0
            ? Problem.Invalid("The run was not forked.", errors)
            : step with
            {
                PromptVersionId = versionId,
                PromptLabel = null,
                Arms = null,
                Model = request.Model ?? planned.ProfileId,
                Options = request.Parameters is null ? step.Options : step.Options with { Parameters = request.Parameters },
                FixedValues = request.Values is { Count: > 0 } values
                    ? (step.FixedValues ?? new Dictionary<string, JsonElement>())
                        .Where(old => !values.ContainsKey(old.Key))
                        .Concat(values)
                        .ToDictionary()
                    : step.FixedValues,
            };
    }

    private async Task<Result<StartedRun>> LaunchAsync(
        Principal principal,
        RunProgress old,
        WorkflowDefinition? definition,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? changedStepId,
        CancellationToken cancellationToken
    )
    {
        var run = new WorkflowRun
        {
            WorkflowId = old.Run.WorkflowId,
            WorkflowName = old.Run.WorkflowName,
            WorkflowVersionId = old.Run.WorkflowVersionId,
            WorkflowVersion = old.Run.WorkflowVersion,
            IsDraft = old.Run.IsDraft,
            OnlyStep = old.Run.OnlyStep,
            Definition = definition,

            // Labels resolve as in the parent, so that only the requested change differs.
            ResolvedPrompts = definition is null
                ? old.Run.ResolvedPrompts
                : old
                    .Run.ResolvedPrompts.Where(resolved =>
                        PromptPart.IsLabelKey(resolved.Key)
                        || definition.Steps.Any(step =>
                            (step.PromptLabel is not null && step.Id == resolved.Key)
                            || (step.Arms is not null && (step.Id == resolved.Key || StepArms.ModelKey(step.Id) == resolved.Key))
                        )
                    )
                    .ToDictionary(),
            ParentRunId = old.Run.Id,
            Inputs = inputs.ToDictionary(),
            TriggerKind = TriggerType.Manual,
            TriggerPayload = old.Run.TriggerPayload,
            StartedBy = principal.UserId,
            Priority = RunPriority.Person,
            QueuedAt = time.GetUtcNow().UtcDateTime,
        };
        if (definition is not null && await plans.ResolvePartLabelsAsync(definition, run.ResolvedPrompts, cancellationToken) is { } problem)
        {
            return problem;
        }

        var plan = await plans.ForAsync(run, cancellationToken);
        if (await profiles.RefusalAsync(principal, plan.Steps.Select(step => step.ProfileId), cancellationToken) is { } notTheirs)
        {
            return notTheirs;
        }

        var progress = new RunProgress(run, plan, RunReducer.Begin(run, plan, principal.Name), isNew: true, time);
        progress.Add(RunEventType.Queued, payload: RunTelemetry.Queued());
        foreach (var step in old.State.Replay(changedStepId).Reusable)
        {
            progress.Reuse(step);
        }

        var launched = await launcher.LaunchAsync(progress);
        return !launched.IsOk ? launched.Problem
            : launched.Value == AppendResult.Committed ? new StartedRun(run.Id, progress.State.Status, Repeated: false)
            : RunLauncher.Refused;
    }
}
