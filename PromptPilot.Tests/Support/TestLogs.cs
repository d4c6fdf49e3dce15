using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Support;

/// <summary>Execution logs as rows, for tests of what is done with them.</summary>
public static class TestLogs
{
    public static readonly DateTime Start = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);

    /// <summary>A playground call: it belongs to no run.</summary>
    public static ExecutionLog Playground(
        string output = "A short summary.",
        TimeSpan? after = null,
        ExecutionStatus status = ExecutionStatus.Success,
        string promptId = "prompt-1"
    ) =>
        new()
        {
            PromptId = promptId,
            PromptVersionId = "prompt-version-1",
            ModelProfileId = "profile-1",
            Input = new Dictionary<string, JsonElement> { ["notes"] = AppJson.Text("Grüße 👋") },
            Output = output,
            ModelUsed = "fake-1",
            Status = status,
            Timestamp = Start + (after ?? TimeSpan.Zero),
            DurationMs = 1200,
            InputTokens = 12,
            OutputTokens = 34,
            Cost = 1_500_000,
        };
}
