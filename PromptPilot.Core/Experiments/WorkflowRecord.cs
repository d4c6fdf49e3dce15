using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Experiments;

/// <summary>What a run of a workflow came to, as a checked output.</summary>
/// <param name="LogId">The last call of the step that has the output.</param>
internal sealed record WorkflowRecord(CheckSubject Subject, string? LogId)
{
    /// <returns>Null with the reason when there is no output.</returns>
    /// <param name="outputKey">Null: the run has outputs, none of which is checked.</param>
    /// <param name="calls">Without those of judges.</param>
    public static (WorkflowRecord? Record, string? Why) Of(
        EndedRun? run,
        string? outputKey,
        FrozenCase? test,
        IReadOnlyList<ExecutionLog> calls
    )
    {
        if (run is not { Status: RunStatus.Succeeded })
        {
            return (null, run?.ErrorMessage ?? "The run was cancelled or deleted.");
        }

        var output =
            outputKey is null ? ""
            : run.Outputs?.TryGetValue(outputKey, out var value) == true ? CaseValues.Text(value)
            : null;
        if (output is null)
        {
            return (null, $"There is no output “{outputKey}”, because its step was skipped.");
        }

        var subject = new CheckSubject(
            output,
            test?.Expected,
            test?.Inputs ?? [],
            calls.Where(call => call.Status == ExecutionStatus.Success).Sum(call => (long)call.OutputTokens),
            calls.Sum(call => call.Cost),
            run.DurationMs ?? 0
        );
        var last = calls.LastOrDefault(call => call.Status == ExecutionStatus.Success && (outputKey ?? call.OutputKey) == call.OutputKey);
        return (new WorkflowRecord(subject, last?.Id), null);
    }
}

/// <summary>A run that has ended.</summary>
internal sealed record EndedRun(
    string Id,
    RunStatus Status,
    string? ErrorMessage,
    Dictionary<string, JsonElement>? Outputs,
    long? DurationMs
);
