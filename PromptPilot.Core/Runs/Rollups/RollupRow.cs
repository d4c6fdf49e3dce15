using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>The time span of a rollup row.</summary>
public enum RollupSpan
{
    Hour,
    Day,

    /// <summary>Monday to Sunday.</summary>
    Week,
}

/// <summary>
/// Sums of the facts with the same key in one hour, day or week (UTC). Deleted facts have separate rows, so the other rows always equal a
/// scan of the existing facts and can be rebuilt from it.
/// </summary>
public abstract class RollupRow
{
    public RollupSpan Span { get; set; }

    /// <summary>The start of the hour, day or week (UTC).</summary>
    public DateTime Start { get; set; }

    /// <summary>True for facts that were deleted and still count.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>What the facts have in common besides the time.</summary>
    internal abstract object Key { get; }

    internal abstract bool IsEmpty { get; }

    /// <param name="sign">1 adds, −1 subtracts.</param>
    internal abstract void Add(RollupRow other, int sign);

    /// <summary>The same key without sums.</summary>
    internal abstract RollupRow Empty();

    internal RollupRow At(RollupSpan span, DateTime start, bool isRemoved)
    {
        (Span, Start, IsRemoved) = (span, start, isRemoved);
        return this;
    }
}

/// <summary>Ended runs by the hour they were queued, without test runs of drafts and experiments.</summary>
public sealed class RunRollup : RollupRow
{
    public required string WorkflowId { get; set; }

    public TriggerType TriggerKind { get; set; }

    /// <summary>The user who started it; empty for none.</summary>
    public required string UserId { get; set; }

    public RunStatus Status { get; set; }

    public long Runs { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Cost in nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary><see cref="LatencyBuckets"/> of the durations.</summary>
    public byte[] Latency { get; set; } = [];

    internal override object Key => (WorkflowId, TriggerKind, UserId, Status);

    internal override bool IsEmpty => Runs == 0;

    internal override void Add(RollupRow other, int sign)
    {
        var row = (RunRollup)other;
        Runs += sign * row.Runs;
        InputTokens += sign * row.InputTokens;
        OutputTokens += sign * row.OutputTokens;
        Cost += sign * row.Cost;
        Latency = LatencyBuckets.Merge(Latency, row.Latency, sign);
    }

    internal override RollupRow Empty() =>
        new RunRollup
        {
            WorkflowId = WorkflowId,
            TriggerKind = TriggerKind,
            UserId = UserId,
            Status = Status,
        };
}

/// <summary>All model calls by the hour they started: those of runs, test runs, experiments and the playground.</summary>
public sealed class CallRollup : RollupRow
{
    /// <summary>Empty for calls outside runs.</summary>
    public required string WorkflowId { get; set; }

    public required string PromptVersionId { get; set; }

    public required string ModelProfileId { get; set; }

    public ExecutionStatus Status { get; set; }

    public long Calls { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Cost in nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary><see cref="LatencyBuckets"/> of the durations.</summary>
    public byte[] Latency { get; set; } = [];

    internal override object Key => (WorkflowId, PromptVersionId, ModelProfileId, Status);

    internal override bool IsEmpty => Calls == 0;

    internal override void Add(RollupRow other, int sign)
    {
        var row = (CallRollup)other;
        Calls += sign * row.Calls;
        InputTokens += sign * row.InputTokens;
        OutputTokens += sign * row.OutputTokens;
        Cost += sign * row.Cost;
        Latency = LatencyBuckets.Merge(Latency, row.Latency, sign);
    }

    internal override RollupRow Empty() =>
        new CallRollup
        {
            WorkflowId = WorkflowId,
            PromptVersionId = PromptVersionId,
            ModelProfileId = ModelProfileId,
            Status = Status,
        };
}

/// <summary>Current ratings, by the hour they were first given.</summary>
public sealed class RatingRollup : RollupRow
{
    /// <summary>Empty for playground outputs.</summary>
    public required string WorkflowId { get; set; }

    public required string PromptVersionId { get; set; }

    public required string ModelProfileId { get; set; }

    public long Ratings { get; set; }

    /// <summary>Sum of the ratings, 1 to 5 each.</summary>
    public long Sum { get; set; }

    /// <summary>Sum of their squares, for the spread.</summary>
    public long Squares { get; set; }

    internal override object Key => (WorkflowId, PromptVersionId, ModelProfileId);

    internal override bool IsEmpty => Ratings == 0;

    internal override void Add(RollupRow other, int sign)
    {
        var row = (RatingRollup)other;
        Ratings += sign * row.Ratings;
        Sum += sign * row.Sum;
        Squares += sign * row.Squares;
    }

    internal override RollupRow Empty() =>
        new RatingRollup
        {
            WorkflowId = WorkflowId,
            PromptVersionId = PromptVersionId,
            ModelProfileId = ModelProfileId,
        };
}
