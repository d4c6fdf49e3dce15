using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>A unit of commit: events, the logs of ended attempts, and the row they project to.</summary>
internal sealed record JournalEntry
{
    public required WorkflowRun Run { get; init; }

    /// <summary>The row is new.</summary>
    public bool IsNew { get; init; }

    /// <summary>The epoch the row must still have; a claim raises it.</summary>
    public int ExpectedEpoch { get; init; }

    /// <summary>The seq of the newest event that the row must still have: a decision from an older fold is not written.</summary>
    public int ExpectedSeq { get; init; }

    /// <summary>
    /// True if the row differs only in columns that change with every event of an active run: see <see cref="RunProjection.InFlight"/>.
    /// </summary>
    public bool IsInFlight { get; init; }

    public required IReadOnlyList<RunEvent> Events { get; init; }

    public IReadOnlyList<ExecutionLog> Logs { get; init; } = [];

    /// <summary>Ids of the rows of requests from other hosts that the events answer. The commit deletes them.</summary>
    public IReadOnlyList<long> Signals { get; init; } = [];

    /// <summary>The fold that the row projects. Deliveries of hooks about it are written with it.</summary>
    public RunState? State { get; init; }
}

/// <summary>The outcome of a commit.</summary>
internal enum AppendResult
{
    Committed,

    /// <summary>Another executor has the run, or another request has written to it: write nothing more.</summary>
    LeaseLost,

    /// <summary>The idempotency key was used a moment earlier.</summary>
    Duplicate,

    /// <summary>A new run refers to something that was deleted a moment earlier.</summary>
    Refused,
}

/// <summary>Writes a run's state into its row.</summary>
internal static class RunProjection
{
    /// <summary>
    /// Each column of a run's row that changes after it was made, and how it follows from the state; null: the claim sets it.
    /// </summary>
    private static readonly (string Column, Action<WorkflowRun, RunState>? Project)[] All =
    [
        (nameof(WorkflowRun.Status), (run, state) => run.Status = state.Status),
        (nameof(WorkflowRun.Outputs), (run, state) => run.Outputs = state.Outputs is { } outputs ? new(outputs) : null),
        (nameof(WorkflowRun.ErrorCode), (run, state) => run.ErrorCode = state.Error?.Code),
        (nameof(WorkflowRun.ErrorMessage), (run, state) => run.ErrorMessage = state.Error?.Message),
        (nameof(WorkflowRun.ErrorStepId), (run, state) => run.ErrorStepId = state.Error?.StepId),
        (nameof(WorkflowRun.StartedAt), (run, state) => run.StartedAt = state.StartedAt),
        (nameof(WorkflowRun.FinishedAt), (run, state) => run.FinishedAt = state.FinishedAt),
        (nameof(WorkflowRun.DurationMs), (run, state) => run.DurationMs = state.DurationMs),
        (nameof(WorkflowRun.InputTokens), (run, state) => run.InputTokens = state.InputTokens),
        (nameof(WorkflowRun.OutputTokens), (run, state) => run.OutputTokens = state.OutputTokens),
        (nameof(WorkflowRun.Cost), (run, state) => run.Cost = state.Cost),
        (nameof(WorkflowRun.LastSeq), (run, state) => run.LastSeq = state.LastSeq),
        (nameof(WorkflowRun.CancelRequested), (run, state) => run.CancelRequested = state.CancelRequested),
        (nameof(WorkflowRun.ResumeAt), (run, state) => run.ResumeAt = state.ResumeAt),
        (nameof(WorkflowRun.OpenReviews), (run, state) => run.OpenReviews = state.OpenReviews),
        (nameof(WorkflowRun.Pinned), (run, state) => run.Pinned = state.Pinned),
        (nameof(WorkflowRun.LeaseOwner), null),
        (nameof(WorkflowRun.LeaseUntil), null),
        (nameof(WorkflowRun.LeaseEpoch), null),
    ];

    /// <summary>Names of the columns.</summary>
    public static readonly IReadOnlyList<string> Columns = [.. All.Select(column => column.Column)];

    /// <summary>
    /// The columns that change with every event of an active run. None is in an index, because SQLite rewrites the index entries of all
    /// columns that an update names, changed or not.
    /// </summary>
    public static readonly IReadOnlyList<string> InFlight =
    [
        nameof(WorkflowRun.InputTokens),
        nameof(WorkflowRun.OutputTokens),
        nameof(WorkflowRun.Cost),
        nameof(WorkflowRun.LastSeq),
        nameof(WorkflowRun.LeaseUntil),
    ];

    /// <summary>The values of all other columns that can change before the run ends, for comparison.</summary>
    public static object Rest(this WorkflowRun run) =>
        (run.Status, run.StartedAt, run.CancelRequested, run.ResumeAt, run.OpenReviews, run.Pinned, run.LeaseOwner, run.LeaseEpoch);

    public static void Project(this WorkflowRun run, RunState state)
    {
        foreach (var (_, project) in All)
        {
            project?.Invoke(run, state);
        }
    }
}
