using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs;

/// <summary>
/// Creates a run from a request: checks it, resolves what it will use, and commits it, queued or, when a slot is free, already claimed.
/// </summary>
public sealed class RunDispatcher(
    IDbContextFactory<PromptPilotDbContext> contexts,
    RunTargets targets,
    WorkflowVersions workflowVersions,
    RunPlans plans,
    ModelProfiles profiles,
    RunLauncher launcher,
    IOptions<RunsOptions> options,
    TimeProvider time
)
{
    /// <summary>A run that stores its own definition.</summary>
    /// <param name="Trigger">The value of <c>trigger</c> in expressions; null for an empty one.</param>
    /// <param name="OnlyStep">The output key of the only step to run.</param>
    private sealed record OwnRun(
        WorkflowDefinition Definition,
        JsonElement? Trigger,
        string? OnlyStep,
        RunPriority Priority,
        DraftReuse? Reuse
    );

    /// <summary>Whose the keys of experiments are.</summary>
    private const string ExperimentActor = "experiments";

    /// <summary>Starts a run of the published version.</summary>
    /// <param name="idempotencyActor">The actor that the idempotency key belongs to.</param>
    /// <param name="origin">The trigger that starts it; null for a person or a program.</param>
    internal async Task<Result<StartedRun>> DispatchAsync(
        Principal principal,
        string? idempotencyActor,
        StartRunRequest request,
        CancellationToken cancellationToken,
        RunOrigin? origin = null
    )
    {
        if (launcher.IsStopping)
        {
            return RunLauncher.Stopping;
        }

        if (IdempotencyKey.Problem(request.IdempotencyKey) is { } unusable)
        {
            return unusable;
        }

        if (request.IdempotencyKey is not null && await FindEarlierAsync(idempotencyActor, request, cancellationToken) is { } earlier)
        {
            return earlier;
        }

        if (await targets.FindAsync(request.WorkflowId, cancellationToken) is not { } target)
        {
            return Problem.NotFound("workflow");
        }

        if (Refusal(target, origin) is { } refusal)
        {
            return refusal;
        }

        var definition = (await workflowVersions.FindAsync(target.VersionId!, cancellationToken))!.Definition;
        var models = definition.Steps.SelectMany(step =>
            target.AreArmsStopped ? [step.Model, .. StepFallbacks.Read(step.Options.Fallbacks) ?? []] : step.Models()
        );
        if (await profiles.RefusalAsync(principal, models, cancellationToken) is { } notTheirs)
        {
            return notTheirs;
        }

        var taken = await launcher.Files.TakeAsync(definition.Inputs, request.Inputs, origin?.Payload, principal, cancellationToken);
        if (!taken.IsOk)
        {
            return taken.Problem;
        }

        var inputs = Bind(definition, taken.Value.Inputs);
        if (!inputs.IsOk)
        {
            return inputs.Problem;
        }

        var id = Ids.New();
        var choice = target.AreArmsStopped ? null : new ArmChoice(id, inputs.Value);
        var resolved = await plans.ResolveLabelsAsync(definition, choice, cancellationToken);
        if (!resolved.IsOk)
        {
            return resolved.Problem;
        }

        var run = new WorkflowRun
        {
            Id = id,
            WorkflowId = request.WorkflowId,
            WorkflowName = target.Name,
            WorkflowVersionId = target.VersionId,
            WorkflowVersion = target.Version,
            ResolvedPrompts = resolved.Value,
            Inputs = inputs.Value,
            TriggerKind = origin?.Kind ?? TriggerType.Manual,
            TriggerId = origin?.TriggerId ?? target.ManualTriggerId,
            TriggerPayload = taken.Value.Trigger?.GetRawText(),
            StartedBy = principal.UserId,
            Priority = origin?.Priority ?? RunPriority.Person,
            QueuedAt = time.GetUtcNow().UtcDateTime,
            IdempotencyActor = request.IdempotencyKey is null ? null : idempotencyActor,
            IdempotencyKey = request.IdempotencyKey,
            IdempotencyHash = request.IdempotencyKey is null ? null : request.BodyHash,
        };
        var plan = await plans.MakeAsync(definition, resolved.Value, run.Priority, cancellationToken);
        if (await plans.PictureProblemAsync(plan, definition, inputs.Value, cancellationToken) is { } picture)
        {
            return picture;
        }

        var progress = new RunProgress(run, plan, RunReducer.Begin(run, plan, principal.Name), isNew: true, time);
        var launched = await launcher.LaunchAsync(progress);
        if (!launched.IsOk)
        {
            return launched.Problem;
        }

        return launched.Value switch
        {
            AppendResult.Committed => new StartedRun(run.Id, progress.State.Status, Repeated: false),
            AppendResult.Duplicate when await FindEarlierAsync(idempotencyActor, request, cancellationToken) is { } first => first,
            _ => RunLauncher.Refused,
        };
    }

    /// <summary>Starts a test run of a draft. The run stores the definition itself.</summary>
    /// <param name="definition">Valid, with <c>latest</c> resolved.</param>
    /// <param name="request">The workflow it belongs to, and its inputs.</param>
    /// <param name="onlyStep">The output key of the only step to run.</param>
    /// <param name="reuse">The reused results of an earlier run; null: none.</param>
    internal Task<Result<StartedRun>> DispatchDraftAsync(
        Principal principal,
        WorkflowDefinition definition,
        DraftRunRequest request,
        string? onlyStep,
        DraftReuse? reuse,
        CancellationToken cancellationToken
    )
    {
        var old = reuse?.Earlier.Run;
        var inputs = (old?.Inputs ?? [])
            .Where(input => input.Value.ValueKind != JsonValueKind.Null && definition.Inputs.Any(known => known.Name == input.Key))
            .ToDictionary();
        foreach (var (name, value) in request.Inputs)
        {
            inputs[name] = value;
        }

        return DispatchOwnAsync(
            principal,
            new OwnRun(
                definition,
                request.Trigger ?? (old?.TriggerPayload is { } payload ? JsonText.ReadStored(payload) : null),
                onlyStep,
                RunPriority.Person,
                reuse
            ),
            new StartRunRequest(request.WorkflowId, inputs),
            cancellationToken
        );
    }

    /// <summary>Starts a call of an experiment. The run stores the definition itself.</summary>
    /// <param name="request">Its key makes a repetition answer with the run that was made first.</param>
    internal async Task<Result<StartedRun>> DispatchExperimentAsync(
        Principal principal,
        WorkflowDefinition definition,
        StartRunRequest request,
        CancellationToken cancellationToken
    ) =>
        await FindEarlierAsync(ExperimentActor, request, cancellationToken)
        ?? await DispatchOwnAsync(principal, new OwnRun(definition, null, null, RunPriority.Experiment, null), request, cancellationToken);

    private async Task<Result<StartedRun>> DispatchOwnAsync(
        Principal principal,
        OwnRun own,
        StartRunRequest request,
        CancellationToken cancellationToken
    )
    {
        var (definition, trigger, onlyStep, priority, reuse) = own;
        if (launcher.IsStopping)
        {
            return RunLauncher.Stopping;
        }

        var taken = await launcher.Files.TakeAsync(definition.Inputs, request.Inputs, trigger, principal, cancellationToken);
        if (!taken.IsOk)
        {
            return taken.Problem;
        }

        var inputs = Bind(definition, taken.Value.Inputs, trigger);
        if (!inputs.IsOk)
        {
            return inputs.Problem;
        }

        var resolved = await plans.ResolveLabelsAsync(definition, choice: null, cancellationToken);
        if (!resolved.IsOk)
        {
            return resolved.Problem;
        }

        var run = new WorkflowRun
        {
            WorkflowId = request.WorkflowId,
            WorkflowName = definition.Name,
            IsDraft = true,
            OnlyStep = onlyStep,
            ParentRunId = reuse?.Earlier.Run.Id,
            Definition = definition,
            ResolvedPrompts = resolved.Value,
            Inputs = inputs.Value,
            TriggerKind = TriggerType.Manual,
            TriggerPayload = trigger?.GetRawText(),
            StartedBy = principal.UserId,
            Priority = priority,
            QueuedAt = time.GetUtcNow().UtcDateTime,
            IdempotencyActor = request.IdempotencyKey is null ? null : ExperimentActor,
            IdempotencyKey = request.IdempotencyKey,
        };
        var plan = await plans.MakeAsync(definition, resolved.Value, run.Priority, cancellationToken);
        if (await plans.PictureProblemAsync(plan, definition, inputs.Value, cancellationToken) is { } picture)
        {
            return picture;
        }

        var progress = new RunProgress(run, plan, RunReducer.Begin(run, plan, principal.Name), isNew: true, time);
        if (reuse is not null)
        {
            progress.Add(RunEventType.Queued, payload: RunTelemetry.Queued());
            foreach (var step in reuse.In(plan))
            {
                progress.Reuse(step);
            }
        }

        var launched = await launcher.LaunchAsync(progress);
        return !launched.IsOk ? launched.Problem
            : launched.Value == AppendResult.Committed ? new StartedRun(run.Id, progress.State.Status, Repeated: false)
            : RunLauncher.Refused;
    }

    private Result<Dictionary<string, JsonElement>> Bind(
        WorkflowDefinition definition,
        IReadOnlyDictionary<string, JsonElement> given,
        JsonElement? trigger = null
    )
    {
        var inputs = WorkflowInputs.Bind(definition.Inputs, given);
        return
            inputs.IsOk
            && inputs.Value.Values.Sum(value => (long)value.GetRawText().Length) + (trigger?.GetRawText().Length ?? 0)
                > options.Value.MaxInputLength
            ? new Problem(
                ProblemKind.TooLarge,
                $"The inputs are too long: together they can have at most {options.Value.MaxInputLength:N0} characters.",
                []
            )
            : inputs;
    }

    private static Problem? Refusal(RunTarget target, RunOrigin? origin) =>
        target switch
        {
            { Status: WorkflowStatus.Archived } => Problem.Conflict("This workflow is archived. Unarchive and publish it to run it."),
            { VersionId: null } or { Status: WorkflowStatus.Draft } => Problem.Conflict(
                "This workflow is not published. Publish it to run it."
            ),
            { ManualTriggerId: null } when origin is null => Problem.Conflict(
                "The manual trigger of this workflow is disabled. Enable it to start runs manually or with the API."
            ),
            _ => null,
        };

    private async Task<Result<StartedRun>?> FindEarlierAsync(
        string? idempotencyActor,
        StartRunRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var earlier = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.IdempotencyActor == idempotencyActor && run.IdempotencyKey == request.IdempotencyKey)
            .Select(run => new
            {
                run.Id,
                run.Status,
                run.IdempotencyHash,
            })
            .SingleOrDefaultAsync(cancellationToken);
        return earlier is null ? null
            : earlier.IdempotencyHash != request.BodyHash ? IdempotencyKey.Reused
            : new StartedRun(earlier.Id, earlier.Status, Repeated: true);
    }
}
