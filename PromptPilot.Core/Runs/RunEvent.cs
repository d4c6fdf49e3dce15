using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

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

    /// <summary>A person keeps the run; like <see cref="Unpinned"/> it can follow <see cref="Finished"/>.</summary>
    Pinned,
    Unpinned,
}

/// <summary>
/// One append-only entry in a run's history. Unique on (run, seq). Events of one commit can share the row of the first.
/// </summary>
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

    /// <summary>The data of this type: the log's id of <c>attemptEnded</c>, the status of <c>finished</c>, ….</summary>
    public RunEventPayload? Payload { get; set; }

    public DateTime At { get; set; }

    /// <summary>In a stored row: later events of the same commit that have no row; null if none.</summary>
    public List<FollowingEvent>? Following { get; set; }
}

/// <summary>An event stored in the row of an earlier one. Its seq is one higher than the event before it.</summary>
public sealed record FollowingEvent(RunEventType Type, string? StepId, int? ItemIndex, int? Attempt, RunEventPayload? Payload, DateTime At);

/// <summary>The details of an event; each type uses some of the properties.</summary>
public sealed record RunEventPayload
{
    /// <summary>The stored data is not valid JSON: the event, and with it the run, cannot be read.</summary>
    [JsonIgnore]
    internal bool IsUnreadable { get; init; }

    public string? LogId { get; init; }

    /// <summary>Of <c>queued</c>: the W3C <c>traceparent</c> of the request that started the run; null when monitoring is off.</summary>
    public string? Trace { get; init; }

    /// <summary>Host that claimed.</summary>
    public string? Owner { get; init; }

    public int? Epoch { get; init; }

    public RunStatus? Status { get; init; }

    public RunError? Error { get; init; }

    /// <summary>User who cancelled, answered or pinned; null: the system did, e.g. when a review timed out.</summary>
    public string? By { get; init; }

    public string? Reason { get; init; }

    /// <summary>In an item's first attempt, and in the outcome of an empty list: the number of items.</summary>
    public int? Items { get; init; }

    /// <summary>In a failed attempt that will be retried: the earliest time of the next attempt. Null: no retry.</summary>
    public DateTime? RetryAt { get; init; }

    /// <summary>
    /// Of <c>attemptStarted</c>: the id of the fallback profile that is called; <see cref="Reason"/> says why. Null: the step's own profile
    /// is called.
    /// </summary>
    public string? ProfileId { get; init; }

    /// <summary>The name of <see cref="ProfileId"/> at that time.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Of a failed <c>attemptEnded</c>: the id of the fallback profile that is tried next; null: none.</summary>
    public string? NextProfileId { get; init; }

    /// <summary>
    /// The value that flows on: of <c>defaulted</c>, of an edit in a review, and of a <c>reused</c> output that is not a log's own.
    /// </summary>
    public JsonElement? Output { get; init; }

    /// <summary>In <c>reviewAnswered</c>.</summary>
    public ReviewVerdict? Verdict { get; init; }

    /// <summary>
    /// Of <c>reviewAsked</c>: when it times out. Of <c>parked</c>: when the run resumes by itself (UTC); null when only a person can
    /// resume it.
    /// </summary>
    public DateTime? Until { get; init; }
}
