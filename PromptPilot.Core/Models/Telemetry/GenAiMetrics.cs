namespace PromptPilot.Core.Models.Telemetry;

/// <summary>What the host needs to know of the metrics: durations need buckets for calls that take minutes.</summary>
public static class GenAiMetrics
{
    public static IReadOnlyList<string> Durations { get; } =
    [GenAiNames.CallDuration, GenAiNames.CallFirstChunk, GenAiNames.WorkflowDuration];
}
