using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The status of a run.</summary>
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

/// <summary>The priority of a run: higher values run first.</summary>
public enum RunPriority
{
    /// <summary>A call of an experiment: always after all others. Lists of runs do not show it.</summary>
    Experiment,
    Scheduled,
    Webhook,
    Person,
}

/// <summary>The error that ended a run.</summary>
public sealed record RunError(ErrorCode Code, string Message, string? StepId);

/// <summary>
/// One execution of one workflow version. The row is the projection of the run's <see cref="RunEvent"/>s; only the journal writes it.
/// </summary>
public sealed class WorkflowRun
{
    public string Id { get; set; } = Ids.New();

    public required string WorkflowId { get; set; }

    /// <summary>The workflow's name when the run was made.</summary>
    public required string WorkflowName { get; set; }

    /// <summary>Null for a run of the draft.</summary>
    public string? WorkflowVersionId { get; set; }

    public int? WorkflowVersion { get; set; }

    /// <summary>A test run of the draft from the designer, or a run made from one. Not part of the workflow's statistics.</summary>
    public bool IsDraft { get; set; }

    /// <summary>For a draft: the output key of the only step that ran; null: all steps.</summary>
    public string? OnlyStep { get; set; }

    /// <summary>The executed definition, if it is not a stored version: a draft or a fork.</summary>
    public WorkflowDefinition? Definition { get; set; }

    /// <summary>
    /// Step id → PromptVersion id for steps whose label or A/B test was resolved when the run was created, the model profile of an arm
    /// under <c>StepArms.ModelKey</c>, and <c>promptId@label</c> → PromptVersion id for parts that follow a label. Resuming and retrying
    /// use these.
    /// </summary>
    public Dictionary<string, string> ResolvedPrompts { get; set; } = [];

    public string? ParentRunId { get; set; }

    public RunStatus Status { get; set; }

    public Dictionary<string, JsonElement> Inputs { get; set; } = [];

    /// <summary>Outputs by output key, set when the run ends.</summary>
    public Dictionary<string, JsonElement>? Outputs { get; set; }

    public ErrorCode? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public string? ErrorStepId { get; set; }

    public TriggerType TriggerKind { get; set; }

    public string? TriggerId { get; set; }

    /// <summary>The value of <c>trigger</c> in expressions, as JSON text; null for an empty object.</summary>
    public string? TriggerPayload { get; set; }

    /// <summary>Id of the User who started it, or in whose name it was started.</summary>
    public string? StartedBy { get; set; }

    public RunPriority Priority { get; set; }

    public DateTime QueuedAt { get; set; }

    public DateTime? StartedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    public long? DurationMs { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Cost in nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary>Seq of the newest event.</summary>
    public int LastSeq { get; set; }

    public bool CancelRequested { get; set; }

    /// <summary>The host that executes it.</summary>
    public string? LeaseOwner { get; set; }

    public DateTime? LeaseUntil { get; set; }

    /// <summary>Raised by each claim; an executor with an older epoch may write nothing more.</summary>
    public int LeaseEpoch { get; set; }

    /// <summary>The time at which a parked run resumes automatically (UTC).</summary>
    public DateTime? ResumeAt { get; set; }

    /// <summary>Number of outputs waiting for review.</summary>
    public int OpenReviews { get; set; }

    /// <summary>Kept regardless of retention.</summary>
    public bool Pinned { get; set; }

    /// <summary>The sender of <see cref="IdempotencyKey"/>; the pair is unique.</summary>
    public string? IdempotencyActor { get; set; }

    public string? IdempotencyKey { get; set; }

    /// <summary>SHA-256 of the request's body, to tell a repetition from a different request under the same key.</summary>
    public string? IdempotencyHash { get; set; }
}
