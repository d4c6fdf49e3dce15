using System.Text.Json;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>
/// The complete state of a run, as the run page shows it, SSE sends it as <c>snapshot</c> and the API returns it. Made by the reducer,
/// never edited.
/// </summary>
/// <param name="LastSeq">Seq of the newest event it contains.</param>
/// <param name="StartedByName">Name of the user.</param>
/// <param name="Cost">Cost in nano-USD.</param>
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
    /// <summary>The W3C <c>traceparent</c> of the request that started it; null when monitoring was off.</summary>
    internal string? Trace { get; init; }

    /// <summary>A test run of the draft.</summary>
    public bool IsDraft { get; init; }

    /// <summary>A call of an experiment or a row of a batch: it belongs to a workflow that no page shows.</summary>
    public bool IsExperiment { get; init; }

    /// <summary>For a draft: the output key of the only step that ran.</summary>
    public string? OnlyStep { get; init; }

    /// <summary>The workflow's options, e.g. its timeout.</summary>
    public WorkflowOptions Options { get; init; } = new();

    /// <summary>The value of <c>trigger</c> in expressions; null for an empty object.</summary>
    public JsonElement? Trigger { get; init; }

    /// <summary>For a waiting run: the time at which it resumes automatically (UTC); null if only a person can resume it.</summary>
    public DateTime? ResumeAt { get; init; }

    /// <summary>For a waiting run: what it waits for, as a sentence.</summary>
    public string? WaitReason { get; init; }

    /// <summary>Start of the current wait for a person, with nothing else to do.</summary>
    public DateTime? ReviewWaitSince { get; init; }

    /// <summary>Total time spent waiting for people so far; it does not count toward the workflow's timeout.</summary>
    public TimeSpan ReviewWait { get; init; }

    /// <summary>For a queued run: its position in the queue, from 1; otherwise null. Not part of the fold.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Kept regardless of retention.</summary>
    public bool Pinned { get; init; }

    /// <summary>Number of outputs waiting for review.</summary>
    public int OpenReviews => IsFinished ? 0 : Steps.Count(step => step.Review is { IsOpen: true });

    /// <summary>The end of the workflow's timeout; null without one, before the start, and while the run waits for a person.</summary>
    public DateTime? Deadline =>
        Options.TimeoutSeconds is { } seconds && StartedAt is { } started && ReviewWaitSince is null
            ? started.AddSeconds(seconds) + ReviewWait
            : null;

    public bool IsFinished => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut;

    /// <summary>True when an attempt is in flight.</summary>
    internal bool HasOpenAttempts => Steps.Any(step => step.HasOpenAttempts);

    /// <summary>True when every step succeeded or was skipped.</summary>
    internal bool IsComplete => Steps.Count > 0 && Steps.All(step => step.Status is StepStatus.Succeeded or StepStatus.Skipped);

    /// <summary>True when the workflow's timeout has been reached.</summary>
    /// <param name="now">UTC.</param>
    internal bool IsPastDeadline(DateTime now) => Deadline is { } deadline && now >= deadline;

    /// <summary>
    /// True when nothing new may start: the run was cancelled or timed out, or a step has failed for good. Attempts in flight may end,
    /// since they are paid for and a retry can use them.
    /// </summary>
    /// <param name="now">UTC.</param>
    internal bool IsHeld(DateTime now) =>
        CancelRequested || Steps.Any(step => step.Status == StepStatus.Failed || step.Calls.LastFailure is not null) || IsPastDeadline(now);

    /// <summary>True if all remaining steps wait for people, which pauses the timeout.</summary>
    /// <param name="now">UTC.</param>
    internal bool WaitsForPeopleOnly(DateTime now) =>
        OpenReviews > 0 && !HasOpenAttempts && !Steps.Any(step => step.Calls.NextRetry(now) is not null);

    /// <summary>
    /// The first time after <paramref name="now"/> (UTC) at which more can be done: the next attempt after a failure, the end of a
    /// review's timeout, the run's timeout; null: never.
    /// </summary>
    internal DateTime? NextDue(DateTime now)
    {
        var reviews = Steps.Where(step => step.Review is { IsOpen: true }).Select(step => step.Review!.Until);
        var times = Steps.Select(step => step.Calls.NextRetry(now)).Concat(reviews).Append(WaitsForPeopleOnly(now) ? null : Deadline);
        return times.Where(time => time > now).Min();
    }

    /// <summary>The results that a new run made from this one keeps, and the steps it runs again.</summary>
    /// <param name="stepId">The changed step of a fork: it and every step that depends on it run again. Null: retry.</param>
    public RunReplay Replay(string? stepId)
    {
        // A step reads only earlier ones, so one pass in order finds all.
        var again = new HashSet<string>();
        foreach (var step in Steps.OrderBy(step => step.Order))
        {
            if (step.StepId == stepId || step.Reads.Any(again.Contains))
            {
                again.Add(step.OutputKey);
            }
        }

        var independent = Steps.Where(step => !again.Contains(step.OutputKey)).ToList();
        return new RunReplay(
            [.. independent.Where(step => step.Status == StepStatus.Succeeded)],
            [.. Steps.Where(step => again.Contains(step.OutputKey) || step.Status is not (StepStatus.Succeeded or StepStatus.Skipped))],
            [.. independent.Where(step => step.Review?.Verdict != ReviewVerdict.Reject)]
        );
    }

    /// <summary>The status of the step with an output key; null when there is none.</summary>
    internal StepStatus? StatusOf(string outputKey)
    {
        foreach (var step in Steps)
        {
            if (step.OutputKey == outputKey)
            {
                return step.Status;
            }
        }

        return null;
    }

    /// <summary>True when the step with an output key succeeded or was skipped.</summary>
    internal bool IsResolved(string outputKey) => StatusOf(outputKey) is StepStatus.Succeeded or StepStatus.Skipped;
}

/// <summary>The results that a new run made from another one keeps, and the steps it runs again.</summary>
/// <param name="Kept">Steps whose output is kept.</param>
/// <param name="Again">Steps that run again. Finished items of a list are kept, unless the step depends on the changed one.</param>
/// <param name="Reusable">Steps whose existing results are kept: the output or some items.</param>
public sealed record RunReplay(IReadOnlyList<StepState> Kept, IReadOnlyList<StepState> Again, IReadOnlyList<StepState> Reusable);
