namespace PromptPilot.Core.Models.Telemetry;

/// <summary>The metrics that the host has to configure: durations need buckets for calls that take minutes.</summary>
public static class GenAiMetrics
{
    public static IReadOnlyList<string> Durations { get; } =
    [GenAiNames.CallDuration, GenAiNames.CallFirstChunk, GenAiNames.WorkflowDuration];
}
