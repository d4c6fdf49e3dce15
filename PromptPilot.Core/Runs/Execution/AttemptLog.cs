using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Makes the ExecutionLog of an attempt.</summary>
internal static class AttemptLog
{
    /// <summary>A log that says nothing yet but what was tried.</summary>
    public static ExecutionLog Begin(WorkflowRun run, PlannedStep step, AttemptKey key, DateTime at) =>
        new()
        {
            RunId = run.Id,
            WorkflowId = run.WorkflowId,
            StepId = step.Id,
            OutputKey = step.OutputKey,
            PromptId = step.Prompt.PromptId,
            PromptVersionId = step.Prompt.Id,
            ModelProfileId = step.ProfileId,
            ItemIndex = key.ItemIndex,
            Attempt = key.Attempt,
            ModelUsed = "",
            Timestamp = at,
            UserId = run.StartedBy,
        };

    public static void Fail(this ExecutionLog record, ModelFault fault)
    {
        record.Status = fault.Code == ErrorCode.Timeout ? ExecutionStatus.Timeout : ExecutionStatus.Error;
        record.ErrorCode = fault.Code;
        record.ErrorMessage = fault.Message;
    }
}
