using System.Text.Json;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>
/// A run as a person sees it, whole: what the run page shows, what SSE sends as <c>snapshot</c>, what the API answers. Made by the reducer,
/// never edited.
/// </summary>
/// <param name="LastSeq">Seq of the newest event it contains.</param>
/// <param name="StartedByName">Name of the user.</param>
/// <param name="Cost">In nano-USD.</param>
public sealed record RunState(
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
    IReadOnlyList<StepState> Steps
)
{
    /// <summary>A try of the draft.</summary>
    public bool IsDraft { get; init; }

    /// <summary>Of a draft: the output key of the only step that was tried.</summary>
    public string? OnlyStep { get; init; }

    /// <summary>How its steps run together.</summary>
    public WorkflowOptions Options { get; init; } = new();

    /// <summary>What expressions read as <c>trigger</c>; null for an empty object.</summary>
    public JsonElement? Trigger { get; init; }

    /// <summary>Of a waiting run: when it goes on by itself; null while only a person can let it.</summary>
    public DateTime? ResumeAt { get; init; }

    /// <summary>Of a waiting run: what it waits for, in words.</summary>
    public string? WaitReason { get; init; }

    /// <summary>Since when the run has waited for a person, with nothing else to do.</summary>
    public DateTime? ReviewWaitSince { get; init; }

    /// <summary>How long it has waited for people so far; this time does not count against the workflow's time limit.</summary>
    public TimeSpan ReviewWait { get; init; }

    /// <summary>Of a queued run, its place in line, from 1; null when it is not in line. Not part of the fold.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Kept whatever the retention says. Not part of the fold.</summary>
    public bool Pinned { get; init; }

    /// <summary>How many outputs wait for a person.</summary>
    public int OpenReviews => IsFinished ? 0 : Steps.Count(step => step.Review is { IsOpen: true });

    /// <summary>When the workflow's time limit ends the run; null without one, before the start, and while it waits for a person.</summary>
    public DateTime? Deadline =>
        Options.TimeoutSeconds is { } seconds && StartedAt is { } started && ReviewWaitSince is null
            ? started.AddSeconds(seconds) + ReviewWait
            : null;

    public bool IsFinished => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut;
}
