using System.Text.Json;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>What is committed together: events, the logs of ended attempts, and the row they project to.</summary>
internal sealed record JournalEntry
{
    public required WorkflowRun Run { get; init; }

    /// <summary>The row is new.</summary>
    public bool IsNew { get; init; }

    /// <summary>The epoch the row must still have; a claim raises it.</summary>
    public int ExpectedEpoch { get; init; }

    /// <summary>The seq of the newest event that the row must still have: what was decided from an older fold is not written.</summary>
    public int ExpectedSeq { get; init; }

    public required IReadOnlyList<RunEvent> Events { get; init; }

    public IReadOnlyList<ExecutionLog> Logs { get; init; } = [];

    /// <summary>The fold that the row projects: what hooks tell of it is written with it.</summary>
    public RunState? State { get; init; }
}

/// <summary>How a commit ended.</summary>
internal enum AppendResult
{
    Committed,

    /// <summary>Another executor has the run, or somebody else wrote to it meanwhile: write nothing more.</summary>
    LeaseLost,

    /// <summary>The idempotency key was used a moment before.</summary>
    Duplicate,

    /// <summary>A new run refers to something that was deleted a moment before.</summary>
    Refused,
}

/// <summary>Writes a fold into the row.</summary>
internal static class RunProjection
{
    public static void Project(this WorkflowRun run, RunState state)
    {
        run.Status = state.Status;
        run.Outputs = state.Outputs is null ? null : new Dictionary<string, JsonElement>(state.Outputs);
        run.ErrorCode = state.Error?.Code;
        run.ErrorMessage = state.Error?.Message;
        run.ErrorStepId = state.Error?.StepId;
        run.StartedAt = state.StartedAt;
        run.FinishedAt = state.FinishedAt;
        run.DurationMs = state.DurationMs;
        run.InputTokens = state.InputTokens;
        run.OutputTokens = state.OutputTokens;
        run.Cost = state.Cost;
        run.CancelRequested = state.CancelRequested;
        run.ResumeAt = state.ResumeAt;
        run.OpenReviews = state.OpenReviews;
        run.LastSeq = state.LastSeq;
    }
}
