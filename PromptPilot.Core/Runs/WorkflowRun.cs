using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    Queued,
    Running,
    Waiting,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
}

/// <summary>Who waits for a run: higher runs first.</summary>
public enum RunPriority
{
    Scheduled,
    Webhook,
    Person,
}

/// <summary>What ended a run badly.</summary>
public sealed record RunError(ErrorCode Code, string Message, string? StepId);

/// <summary>One execution of one workflow version. The row is the projection of the run's <see cref="RunEvent"/>s; only the journal writes it.</summary>
public sealed class WorkflowRun
{
    public string Id { get; set; } = Ids.New();

    public required string WorkflowId { get; set; }

    /// <summary>The workflow's name when the run was made.</summary>
    public required string WorkflowName { get; set; }

    /// <summary>Null for a run of the draft.</summary>
    public string? WorkflowVersionId { get; set; }

    public int? WorkflowVersion { get; set; }

    /// <summary>What runs, where it is not a stored version: a draft or a fork.</summary>
    public WorkflowDefinition? Definition { get; set; }

    /// <summary>Step id → PromptVersion id, for steps whose label was resolved at creation. Resuming and retrying use these.</summary>
    public Dictionary<string, string> ResolvedPrompts { get; set; } = [];

    public string? ParentRunId { get; set; }

    public RunStatus Status { get; set; }

    public Dictionary<string, JsonElement> Inputs { get; set; } = [];

    /// <summary>By output key; filled when the run ends.</summary>
    public Dictionary<string, JsonElement>? Outputs { get; set; }

    public ErrorCode? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public string? ErrorStepId { get; set; }

    public TriggerType TriggerKind { get; set; }

    public string? TriggerId { get; set; }

    /// <summary>Id of the User who, or in whose name something, started it.</summary>
    public string? StartedBy { get; set; }

    public RunPriority Priority { get; set; }

    public DateTime QueuedAt { get; set; }

    public DateTime? StartedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    public long? DurationMs { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>In nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary>Seq of the newest event.</summary>
    public int LastSeq { get; set; }

    public bool CancelRequested { get; set; }

    /// <summary>The host that executes it.</summary>
    public string? LeaseOwner { get; set; }

    public DateTime? LeaseUntil { get; set; }

    /// <summary>Raised by each claim; an executor with an older epoch may write nothing more.</summary>
    public int LeaseEpoch { get; set; }

    /// <summary>When a parked run goes on.</summary>
    public DateTime? ResumeAt { get; set; }

    /// <summary>Who sent <see cref="IdempotencyKey"/>; the pair is unique.</summary>
    public string? IdempotencyActor { get; set; }

    public string? IdempotencyKey { get; set; }

    /// <summary>SHA-256 of the request's body, to tell a repetition from a different request under the same key.</summary>
    public string? IdempotencyHash { get; set; }
}

/// <summary>The kinds of <see cref="RunEvent"/>.</summary>
public enum RunEventType
{
    Queued,
    Claimed,
    AttemptStarted,
    AttemptEnded,
    Skipped,
    Defaulted,
    Reused,
    ReviewAsked,
    ReviewAnswered,
    Parked,
    CancelRequested,
    Finished,
}

/// <summary>One append-only line of a run's story. Unique on (run, seq).</summary>
public sealed class RunEvent
{
    public required string RunId { get; set; }

    /// <summary>1, 2, 3 … within the run, without gaps.</summary>
    public int Seq { get; set; }

    public RunEventType Type { get; set; }

    public string? StepId { get; set; }

    /// <summary>0-based; null unless the step fans out.</summary>
    public int? ItemIndex { get; set; }

    /// <summary>1-based.</summary>
    public int? Attempt { get; set; }

    /// <summary>What the type needs: the log's id of <c>attemptEnded</c>, the status of <c>finished</c>, ….</summary>
    public RunEventPayload? Payload { get; set; }

    public DateTime At { get; set; }
}

/// <summary>The details of an event; each type fills what it needs.</summary>
public sealed record RunEventPayload
{
    public string? LogId { get; init; }

    /// <summary>Host that claimed.</summary>
    public string? Owner { get; init; }

    public int? Epoch { get; init; }

    public RunStatus? Status { get; init; }

    public RunError? Error { get; init; }

    /// <summary>User who asked or answered.</summary>
    public string? By { get; init; }

    public string? Reason { get; init; }
}

/// <summary>How an attempt ended.</summary>
public enum ExecutionStatus
{
    Success,
    Error,
    Timeout,
}

/// <summary>One attempt of one step for one item, or one playground call (without run, workflow and step). Inserted once, when the attempt ends.</summary>
public sealed class ExecutionLog
{
    public string Id { get; set; } = Ids.New();

    public string? RunId { get; set; }

    public string? WorkflowId { get; set; }

    public string? StepId { get; set; }

    public string? OutputKey { get; set; }

    public required string PromptId { get; set; }

    public required string PromptVersionId { get; set; }

    public required string ModelProfileId { get; set; }

    /// <summary>0-based; null unless the step fans out.</summary>
    public int? ItemIndex { get; set; }

    public int Attempt { get; set; } = 1;

    /// <summary>The values of the prompt's variables as rendered.</summary>
    public Dictionary<string, JsonElement> Input { get; set; } = [];

    /// <summary>The model's text; of a failed attempt, what had arrived.</summary>
    public string Output { get; set; } = "";

    /// <summary>The model the provider reported, else the configured one.</summary>
    public required string ModelUsed { get; set; }

    public ExecutionStatus Status { get; set; }

    public ErrorCode? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    /// <summary>The answer ended at the token limit.</summary>
    public bool Truncated { get; set; }

    /// <summary>The attempt's start.</summary>
    public DateTime Timestamp { get; set; }

    /// <summary>Of the attempt, without waiting before it.</summary>
    public long DurationMs { get; set; }

    public long? FirstTokenMs { get; set; }

    public int InputTokens { get; set; }

    public int OutputTokens { get; set; }

    /// <summary>In nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary>Who started the run or made the playground call.</summary>
    public string? UserId { get; set; }
}
