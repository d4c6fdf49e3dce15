using System.Text.Json;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>Folds a run's events into what is seen of it. A run *is* this fold: executor, pages and API all read it.</summary>
internal static class RunReducer
{
    /// <summary>A run before its first event.</summary>
    public static RunView Begin(WorkflowRun run, RunPlan plan, string? startedByName) => new(
        run.Id, run.WorkflowId, run.WorkflowName, run.WorkflowVersion, run.ParentRunId, RunStatus.Queued, run.Inputs, null, null,
        run.TriggerKind, run.StartedBy, startedByName, run.QueuedAt, null, null, null, 0, 0, 0, false, 0,
        [.. plan.Steps.Select(step => new StepView(
            step.Id, step.OutputKey, step.Order, step.Prompt.PromptId, step.Prompt.Name, step.Prompt.Version, step.ProfileName, step.Reads, StepStatus.Pending, []))]);

    /// <summary>Adds one event.</summary>
    /// <param name="log">The ExecutionLog of an <c>attemptEnded</c>.</param>
    public static RunView Apply(RunView view, RunEvent runEvent, ExecutionLog? log)
    {
        var next = runEvent.Type switch
        {
            RunEventType.Queued => view,
            RunEventType.Claimed => view with { Status = RunStatus.Running, StartedAt = view.StartedAt ?? runEvent.At },
            RunEventType.AttemptStarted => WithStep(view, runEvent.StepId, step => step with { Status = StepStatus.Running, Attempts = [.. step.Attempts, Started(runEvent)] }),
            RunEventType.AttemptEnded => Ended(view, runEvent, log!),
            RunEventType.CancelRequested => view with { CancelRequested = true },
            RunEventType.Finished => Finished(view, runEvent),

            // Written by options that come later; a fold of today's runs never meets them.
            RunEventType.Skipped or RunEventType.Defaulted or RunEventType.Reused or RunEventType.ReviewAsked or RunEventType.ReviewAnswered or RunEventType.Parked =>
                throw new InvalidOperationException($"This version does not know the run event “{runEvent.Type}”."),
        };
        return next with { LastSeq = runEvent.Seq };
    }

    private static AttemptView Started(RunEvent runEvent) => new(
        runEvent.Attempt ?? 1, runEvent.ItemIndex, null, runEvent.At, null, null, null, null, null, false, 0, 0, 0, null, null, "");

    private static RunView Ended(RunView view, RunEvent runEvent, ExecutionLog log)
    {
        var status = log.Status == ExecutionStatus.Success ? StepStatus.Succeeded
            : log.ErrorCode == Models.ErrorCode.Interrupted ? StepStatus.Pending
            : log.ErrorCode == Models.ErrorCode.Cancelled ? StepStatus.Cancelled
            : StepStatus.Failed;
        var next = WithStep(view, runEvent.StepId, step => step with
        {
            Status = status,
            Attempts = [.. step.Attempts.Select(attempt => attempt.Attempt == log.Attempt && attempt.ItemIndex == log.ItemIndex ? Ended(attempt, runEvent.At, log) : attempt)],
        });
        return next with
        {
            InputTokens = next.InputTokens + log.InputTokens,
            OutputTokens = next.OutputTokens + log.OutputTokens,
            Cost = next.Cost + log.Cost,
        };
    }

    private static AttemptView Ended(AttemptView attempt, DateTime at, ExecutionLog log) => attempt with
    {
        LogId = log.Id,
        EndedAt = at,
        Status = log.Status,
        ErrorCode = log.ErrorCode,
        ErrorMessage = log.ErrorMessage,
        ModelUsed = log.ModelUsed,
        Truncated = log.Truncated,
        InputTokens = log.InputTokens,
        OutputTokens = log.OutputTokens,
        Cost = log.Cost,
        DurationMs = log.DurationMs,
        FirstTokenMs = log.FirstTokenMs,
        Text = log.Output,
        Log = log,
    };

    private static RunView Finished(RunView view, RunEvent runEvent)
    {
        var payload = runEvent.Payload ?? throw new InvalidOperationException("A finished event says how the run ended.");
        var outputs = new Dictionary<string, JsonElement>();
        foreach (var step in view.Steps)
        {
            if (step.Output() is { } text)
            {
                outputs.Add(step.OutputKey, AppJson.Text(text));
            }
        }

        return view with
        {
            Status = payload.Status!.Value,
            Error = payload.Error,
            Outputs = outputs,
            FinishedAt = runEvent.At,
            DurationMs = (long)(runEvent.At - (view.StartedAt ?? runEvent.At)).TotalMilliseconds,
            Steps = [.. view.Steps.Select(step => step.Status is StepStatus.Pending or StepStatus.Running ? step with { Status = StepStatus.Cancelled } : step)],
        };
    }

    private static RunView WithStep(RunView view, string? stepId, Func<StepView, StepView> change) => view with
    {
        Steps = [.. view.Steps.Select(step => step.StepId == stepId ? change(step) : step)],
    };
}
