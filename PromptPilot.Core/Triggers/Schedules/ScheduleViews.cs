using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>A schedule in the list of all.</summary>
/// <param name="Next">The next five moments, while it is enabled.</param>
/// <param name="Missed">Number of missed firings in the last 7 days.</param>
/// <param name="Skipped">Number of skipped firings in the last 7 days.</param>
/// <param name="Broken">Why it cannot work, and what to do; null if it can.</param>
public sealed record ScheduleRow(
    Trigger Trigger,
    string WorkflowName,
    string? Owner,
    IReadOnlyList<DateTime> Next,
    FiringRow? Last,
    int Missed,
    int Skipped,
    string? Broken
);

/// <summary>The outcome of a firing.</summary>
/// <param name="RunStatus">Status of its run; null without one, or when the run is deleted.</param>
public sealed record FiringRow(
    string Id,
    string TriggerId,
    string WorkflowId,
    string WorkflowName,
    DateTime DueAt,
    DateTime DecidedAt,
    FiringOutcome Outcome,
    string? Reason,
    string? RunId,
    RunStatus? RunStatus,
    int Count,
    bool ByPerson
);

/// <summary>The filter of schedules; null means all.</summary>
/// <param name="Text">A part of the workflow's name.</param>
public sealed record ScheduleFilter(
    string? WorkflowId = null,
    string? TriggerId = null,
    string? Text = null,
    bool? Enabled = null,
    ScheduleSort Sort = ScheduleSort.Oldest
);

/// <summary>The order of a list of schedules.</summary>
public enum ScheduleSort
{
    Oldest,

    /// <summary>Sorted by next firing; schedules that never fire come last.</summary>
    Next,

    /// <summary>By the workflow's name.</summary>
    Workflow,
}

/// <summary>The filter of firings; null means all.</summary>
public sealed record FiringFilter(string? TriggerId = null, FiringOutcome? Outcome = null, string? WorkflowId = null);
