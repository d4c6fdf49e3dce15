using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Support;

/// <summary>Views of runs for tests of what is shown, without an engine.</summary>
internal static class RunStates
{
    public static readonly DateTime Start = new(2026, 3, 4, 9, 0, 0, DateTimeKind.Utc);

    public static RunState Run(RunStatus status, params IReadOnlyList<StepState> steps) =>
        new(
            "run-1",
            "workflow-1",
            "Weekly digest",
            7,
            null,
            status,
            new Dictionary<string, JsonElement> { ["notes"] = AppJson.Text("some notes") },
            null,
            null,
            TriggerType.Manual,
            "user-1",
            "Ada",
            Start,
            Start,
            status is RunStatus.Running or RunStatus.Queued ? null : Start.AddSeconds(10),
            status is RunStatus.Running or RunStatus.Queued ? null : 10_000,
            4812,
            603,
            14_700_000,
            false,
            5,
            steps
        );

    public static StepState Step(
        string key,
        int order,
        StepStatus status,
        IReadOnlyList<string> reads,
        params IReadOnlyList<AttemptState> attempts
    ) => new($"id-{key}", key, order, $"prompt-{key}", $"Prompt {key}", "1.0.0", "Offline", reads, status, attempts);

    public static AttemptState Open(double fromSeconds, int attempt = 1) =>
        new(attempt, null, null, Start.AddSeconds(fromSeconds), null, null, null, null, null, false, 0, 0, 0, null, null, "");

    public static AttemptState Succeeded(double fromSeconds, double toSeconds, string text = "done", int attempt = 1, int? item = null) =>
        new(
            attempt,
            item,
            $"log-{fromSeconds}-{item}",
            Start.AddSeconds(fromSeconds),
            Start.AddSeconds(toSeconds),
            ExecutionStatus.Success,
            null,
            null,
            "offline-1",
            false,
            100,
            212,
            2_800_000,
            (long)((toSeconds - fromSeconds) * 1000),
            200,
            text
        );

    public static AttemptState Failed(double fromSeconds, double toSeconds, ErrorCode code, string message, int attempt = 1) =>
        new(
            attempt,
            null,
            $"log-{fromSeconds}",
            Start.AddSeconds(fromSeconds),
            Start.AddSeconds(toSeconds),
            ExecutionStatus.Error,
            code,
            message,
            "offline-1",
            false,
            100,
            0,
            0,
            (long)((toSeconds - fromSeconds) * 1000),
            null,
            ""
        );
}
