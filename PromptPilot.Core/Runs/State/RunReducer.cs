using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.State;

/// <summary>Folds a run's events into its state. A run *is* this fold: executor, pages and API all read it.</summary>
internal static class RunReducer
{
    /// <summary>A run before its first event.</summary>
    public static RunState Begin(WorkflowRun run, RunPlan plan, string? startedByName) =>
        new(
            run.Id,
            run.WorkflowId,
            run.WorkflowName,
            run.WorkflowVersion,
            run.ParentRunId,
            RunStatus.Queued,
            run.Inputs,
            null,
            null,
            run.TriggerKind,
            run.StartedBy,
            startedByName,
            run.QueuedAt,
            null,
            null,
            null,
            0,
            0,
            0,
            false,
            0,
            [
                .. plan.Steps.Select(step => new StepState(
                    step.Id,
                    step.OutputKey,
                    step.Order,
                    step.Prompt.PromptId,
                    step.Prompt.Name,
                    step.Prompt.Version,
                    step.ProfileName,
                    step.Reads,
                    StepStatus.Pending,
                    []
                )
                {
                    Options = step.Options,
                    InputMapping = step.InputMapping,
                }),
            ]
        )
        {
            IsDraft = run.IsDraft,
            IsExperiment = run.Priority == RunPriority.Experiment,
            OnlyStep = run.OnlyStep,
            Options = plan.Options,

            // Runs pinned before pins were events have the pin in their row alone.
            Pinned = run.Pinned,
            Trigger = run.TriggerPayload is { } payload ? JsonText.ReadStored(payload) : null,
        };

    /// <summary>A run from its row alone, when its events cannot be read.</summary>
    public static RunState OfRow(WorkflowRun run, RunPlan plan, string? startedByName)
    {
        run.TriggerPayload = null;
        return Begin(run, plan, startedByName) with
        {
            Status = run.Status,
            Outputs = run.Outputs,
            Error = run.ErrorCode is { } code ? new RunError(code, run.ErrorMessage ?? "", run.ErrorStepId) : null,
            StartedAt = run.StartedAt,
            FinishedAt = run.FinishedAt,
            DurationMs = run.DurationMs,
            InputTokens = run.InputTokens,
            OutputTokens = run.OutputTokens,
            Cost = run.Cost,
            CancelRequested = run.CancelRequested,
            ResumeAt = run.ResumeAt,
            LastSeq = run.LastSeq,
        };
    }

    /// <summary>Adds one event.</summary>
    /// <param name="log">The ExecutionLog of an <c>attemptEnded</c> or <c>reused</c>.</param>
    public static RunState Apply(RunState state, RunEvent runEvent, ExecutionLog? log)
    {
        var next = runEvent.Type switch
        {
            RunEventType.Queued => state with { Trace = runEvent.Payload?.Trace },
            RunEventType.Claimed => Resumed(state, runEvent.At) with
            {
                Status = RunStatus.Running,
                StartedAt = state.StartedAt ?? runEvent.At,
            },
            RunEventType.AttemptStarted => WithStep(state, runEvent, step => StepFold.Started(step, runEvent)),
            RunEventType.AttemptEnded => Ended(state, runEvent, log!),
            RunEventType.Skipped => WithStep(state, runEvent, step => StepFold.Skipped(step, runEvent)),
            RunEventType.Defaulted => WithStep(state, runEvent, step => StepFold.Defaulted(step, runEvent)),
            RunEventType.Reused => WithStep(state, runEvent, step => StepFold.Reused(step, runEvent, log)),
            RunEventType.ReviewAsked => WithStep(state, runEvent, step => StepFold.ReviewAsked(step, runEvent)),
            RunEventType.ReviewAnswered => Answered(state, runEvent),
            RunEventType.Parked => Parked(state, runEvent),
            RunEventType.CancelRequested => state with { CancelRequested = true },
            RunEventType.Finished => Finished(Resumed(state, runEvent.At), runEvent),
            RunEventType.Pinned => state with { Pinned = true },
            RunEventType.Unpinned => state with { Pinned = false },
        };
        return next with { LastSeq = runEvent.Seq };
    }

    private static RunState Ended(RunState state, RunEvent runEvent, ExecutionLog log)
    {
        var next = WithStep(state, runEvent, step => StepFold.Ended(step, runEvent, log));
        return next with
        {
            InputTokens = next.InputTokens + log.InputTokens,
            OutputTokens = next.OutputTokens + log.OutputTokens,
            Cost = next.Cost + log.Cost,
        };
    }

    private static RunState Parked(RunState state, RunEvent runEvent) =>
        state with
        {
            Status = RunStatus.Waiting,
            ResumeAt = runEvent.Payload?.Until,
            WaitReason = runEvent.Payload?.Reason,

            // Only waiting for people stops the clock. Other waits are part of the run.
            ReviewWaitSince = state.WaitsForPeopleOnly(runEvent.At) ? runEvent.At : null,
        };

    /// <summary>An answer resumes a parked run: it is queued again.</summary>
    private static RunState Answered(RunState state, RunEvent runEvent)
    {
        var next = WithStep(state, runEvent, step => StepFold.ReviewAnswered(step, runEvent));
        return state.Status == RunStatus.Waiting ? Resumed(next, runEvent.At) with { Status = RunStatus.Queued } : next;
    }

    private static RunState Resumed(RunState state, DateTime at) =>
        state.Status != RunStatus.Waiting
            ? state
            : state with
            {
                ResumeAt = null,
                WaitReason = null,
                ReviewWait = state.ReviewWait + (state.ReviewWaitSince is { } since ? at - since : TimeSpan.Zero),
                ReviewWaitSince = null,
            };

    private static RunState Finished(RunState state, RunEvent runEvent)
    {
        var payload = runEvent.Payload ?? throw new InvalidOperationException("A finished event must say how the run ended.");
        var outputs = new Dictionary<string, JsonElement>();
        foreach (var step in state.Steps)
        {
            if (step.Value is { } value)
            {
                outputs.Add(step.OutputKey, value);
            }
        }

        return state with
        {
            Status = payload.Status!.Value,
            Error = payload.Error,
            Outputs = outputs,
            FinishedAt = runEvent.At,
            DurationMs = (long)(runEvent.At - (state.StartedAt ?? runEvent.At)).TotalMilliseconds,
            Steps =
            [
                .. state.Steps.Select(step =>
                    step.Status is StepStatus.Pending or StepStatus.Running or StepStatus.Waiting
                        ? step with
                        {
                            Status = StepStatus.Cancelled,
                        }
                        : step
                ),
            ],
        };
    }

    private static RunState WithStep(RunState state, RunEvent runEvent, Func<StepState, StepState> change) =>
        state with
        {
            Steps = [.. state.Steps.Select(step => step.StepId == runEvent.StepId ? change(step) : step)],
        };
}
