using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>A request to run the published version of a workflow.</summary>
/// <param name="IdempotencyKey">A repetition under the same key, by the same actor, answers with the first run.</param>
/// <param name="BodyHash">Tells a repetition from a different request under the same key.</param>
public sealed record StartRunRequest(
    string WorkflowId,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    string? IdempotencyKey = null,
    string? BodyHash = null
);

/// <summary>The trigger that started a run, when it was neither a person nor a program with a key.</summary>
/// <param name="Payload">The value of <c>trigger</c> in expressions.</param>
internal sealed record RunOrigin(TriggerType Kind, string TriggerId, RunPriority Priority, JsonElement Payload);

/// <summary>A run that was accepted.</summary>
/// <param name="Repeated">The run existed already, under the same idempotency key.</param>
public sealed record StartedRun(string Id, RunStatus Status, bool Repeated);

/// <summary>Filter of a list of runs; null means any.</summary>
/// <param name="From">The earliest time at which a run was queued, UTC.</param>
/// <param name="To">The time before which it was queued, UTC.</param>
/// <param name="Text">
/// Part of the workflow's name or of an input, in one of the newest <see cref="Lists.RunQuery.Searched"/> runs that pass the rest; or a
/// run's id.
/// </param>
public sealed record RunFilter(
    string? WorkflowId = null,
    RunStatus? Status = null,
    TriggerType? Trigger = null,
    string? StartedBy = null,
    DateTime? From = null,
    DateTime? To = null,
    string? Text = null,
    bool? Pinned = null,
    string? ParentRunId = null,
    bool? IsDraft = null
);

/// <summary>A run in a list.</summary>
/// <param name="Cost">Cost in nano-USD.</param>
/// <param name="IsDraft">A test run of the draft.</param>
/// <param name="OnlyStep">For a draft: the output key of the only step that ran.</param>
public sealed record RunListItem(
    string Id,
    string WorkflowId,
    string WorkflowName,
    int? WorkflowVersion,
    RunStatus Status,
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
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    bool Pinned = false,
    bool IsDraft = false,
    string? OnlyStep = null
);
