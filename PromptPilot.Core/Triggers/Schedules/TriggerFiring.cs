using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>The outcome of a firing.</summary>
public enum FiringOutcome
{
    /// <summary>Decided; its run is about to be made. After a crash it is made then, once.</summary>
    Starting,

    /// <summary>Starts when the runs before it have ended.</summary>
    Waiting,

    /// <summary>Has started a run.</summary>
    Fired,

    /// <summary>The host was down, or too late.</summary>
    Missed,

    /// <summary>No run could or should start.</summary>
    Skipped,
}

/// <summary>A time at which a schedule was due, and the outcome. Unique on (trigger, due time).</summary>
public sealed class TriggerFiring
{
    public string Id { get; set; } = Ids.New();

    public required string TriggerId { get; set; }

    public required string WorkflowId { get; set; }

    /// <summary>The time it was due; for “run now”, the time of the request.</summary>
    public DateTime DueAt { get; set; }

    /// <summary>The time of the decision.</summary>
    public DateTime DecidedAt { get; set; }

    public FiringOutcome Outcome { get; set; }

    /// <summary>The reason why it did not simply fire on time, for people.</summary>
    public string? Reason { get; set; }

    public string? RunId { get; set; }

    /// <summary>1, or on the oldest row after a long downtime, the number of firings that it represents.</summary>
    public int Count { get; set; } = 1;

    /// <summary>For “run now”, the user who requested it.</summary>
    public string? AskedBy { get; set; }
}
