using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>What a run does next, decided from its fold alone.</summary>
internal static class RunDecision
{
    /// <summary>Steps that may start: all they read is there.</summary>
    public static IEnumerable<StepView> Ready(RunView view)
    {
        var there = view.Steps.Where(step => step.Status == StepStatus.Succeeded).Select(step => step.OutputKey).ToHashSet();
        return view.Steps.Where(step => step.Status == StepStatus.Pending && step.Reads.All(there.Contains));
    }

    /// <summary>Whether an attempt is in flight.</summary>
    public static bool HasOpenAttempts(RunView view) => view.Steps.Any(step => step.Status == StepStatus.Running);

    /// <summary>Whether a step has failed for good: nothing new starts, and what is in flight may end, since it is paid for and a retry can use it.</summary>
    public static bool HasFailed(RunView view) => view.Steps.Any(step => step.Status == StepStatus.Failed);

    /// <summary>How a run ends in which nothing is in flight and nothing can start.</summary>
    public static RunEventPayload End(RunView view)
    {
        if (view.CancelRequested)
        {
            return new RunEventPayload { Status = RunStatus.Cancelled, Error = new RunError(ErrorCode.Cancelled, "The run was cancelled.", null) };
        }

        var failed = view.Steps.FirstOrDefault(step => step.Status == StepStatus.Failed);
        if (failed is null && view.Steps.Count > 0 && view.Steps.All(step => step.Status == StepStatus.Succeeded))
        {
            return new RunEventPayload { Status = RunStatus.Succeeded };
        }

        if (failed is null)
        {
            return new RunEventPayload { Status = RunStatus.Failed, Error = new RunError(ErrorCode.Internal, "The run could not be carried out: something it needs is gone.", null) };
        }

        var attempt = failed.Attempts[^1];
        return new RunEventPayload
        {
            Status = RunStatus.Failed,
            Error = new RunError(attempt.ErrorCode ?? ErrorCode.Internal, $"Step “{failed.OutputKey}” failed: {attempt.ErrorMessage}", failed.StepId),
        };
    }
}
