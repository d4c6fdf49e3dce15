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

/// <summary>One moment at which a schedule was due, and what became of it. Unique on (trigger, due time).</summary>
public sealed class TriggerFiring
{
    public string Id { get; set; } = Ids.New();

    public required string TriggerId { get; set; }

    public required string WorkflowId { get; set; }

    /// <summary>When it was due. For “run now”, when that was asked for.</summary>
    public DateTime DueAt { get; set; }

    /// <summary>When it was decided.</summary>
    public DateTime DecidedAt { get; set; }

    public FiringOutcome Outcome { get; set; }

    /// <summary>Why it was not simply fired in time, in words.</summary>
    public string? Reason { get; set; }

    public string? RunId { get; set; }

    /// <summary>1, or for the oldest row after a long time down: how many older firings it stands for as well.</summary>
    public int Count { get; set; } = 1;

    /// <summary>The user who asked for it, of “run now”.</summary>
    public string? AskedBy { get; set; }
}
