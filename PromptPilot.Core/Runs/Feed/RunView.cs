using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Triggers;

namespace PromptPilot.Core.Runs.Feed;

/// <summary>A run as a person sees it, whole: what the run page shows, what SSE sends as <c>snapshot</c>, what the API answers. Made by the reducer, never edited.</summary>
/// <param name="LastSeq">Seq of the newest event it contains.</param>
/// <param name="StartedByName">Name of the user.</param>
/// <param name="Cost">In nano-USD.</param>
public sealed record RunView(
    string Id,
    string WorkflowId,
    string WorkflowName,
    int? WorkflowVersion,
    string? ParentRunId,
    RunStatus Status,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    IReadOnlyDictionary<string, JsonElement>? Outputs,
    RunError? Error,
    TriggerType TriggerKind,
    string? StartedBy,
    string? StartedByName,
    DateTime QueuedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    long? DurationMs,
    long InputTokens,
    long OutputTokens,
    long Cost,
    bool CancelRequested,
    int LastSeq,
    IReadOnlyList<StepView> Steps)
{
    public bool IsFinished => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut;
}

/// <summary>Where a step of a run stands.</summary>
public enum StepStatus
{
    /// <summary>Waits for the steps it reads, or, after the host stopped in mid-attempt, for its next attempt. In a finished run: see <see cref="Cancelled"/>.</summary>
    Pending,
    Running,
    Succeeded,
    Failed,
    Skipped,

    /// <summary>The run ended before the step did.</summary>
    Cancelled,
}

/// <summary>A step of a run.</summary>
/// <param name="Reads">Output keys of earlier steps it waits for: the edges of the data-flow graph.</param>
/// <param name="Attempts">In the order they started.</param>
public sealed record StepView(
    string StepId,
    string OutputKey,
    int Order,
    string PromptId,
    string PromptName,
    string PromptVersion,
    string ProfileName,
    IReadOnlyList<string> Reads,
    StepStatus Status,
    IReadOnlyList<AttemptView> Attempts)
{
    /// <summary>The text that flows on to downstream steps; null until the step has succeeded.</summary>
    public string? Output() => Attempts.LastOrDefault(attempt => attempt.Status == ExecutionStatus.Success)?.Text;
}

/// <summary>One attempt of a step. While <paramref name="EndedAt"/> is null it streams.</summary>
/// <param name="LogId">Id of the ExecutionLog, once ended: what feedback is given on.</param>
/// <param name="Text">Partial while streaming, whole afterwards.</param>
/// <param name="Cost">In nano-USD.</param>
public sealed record AttemptView(
    int Attempt,
    int? ItemIndex,
    string? LogId,
    DateTime StartedAt,
    DateTime? EndedAt,
    ExecutionStatus? Status,
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    string? ModelUsed,
    bool Truncated,
    int InputTokens,
    int OutputTokens,
    long Cost,
    long? DurationMs,
    long? FirstTokenMs,
    string Text)
{
    /// <summary>The recorded log, once the attempt has ended.</summary>
    public ExecutionLog? Log { get; init; }

    public bool IsOpen => EndedAt is null;
}
