using System.ComponentModel;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The options and limits of a workflow as clients send and get them.</summary>
internal abstract record WorkflowOptionFields
{
    [Description(
        "The most a run may take from its start, in seconds, 1 to 604800 (7 days), without the time it waits for a review. Left out: no limit."
    )]
    public int? TimeoutSeconds { get; init; }

    [Description("How many steps of a run execute at the same time, 1 to 64. Left out: 16.")]
    public int? MaxParallelSteps { get; init; }

    [Description("What the runs of the workflow may take together. Not part of a version: a change counts at once.")]
    public LimitFields? Limits { get; init; }

    public WorkflowOptions ToOptions() => new() { TimeoutSeconds = TimeoutSeconds, MaxParallelSteps = MaxParallelSteps };

    protected static T With<T>(T workflow, WorkflowOptions options, WorkflowLimits limits)
        where T : WorkflowOptionFields =>
        workflow with
        {
            TimeoutSeconds = options.TimeoutSeconds,
            MaxParallelSteps = options.MaxParallelSteps,
            Limits = LimitFields.From(limits),
        };
}

/// <summary>The limits of a workflow; money in USD.</summary>
internal sealed record LimitFields
{
    [Description("How many of its runs execute at the same time, 1 to 1000. Left out: as many as the host allows.")]
    public int? MaxConcurrentRuns { get; init; }

    [Description("The most one run may cost, in USD. Left out: no limit.")]
    public decimal? RunBudget { get; init; }

    [Description("The most its runs may cost in a day (UTC), in USD. Left out: no limit.")]
    public decimal? DayBudget { get; init; }

    [Description("The most its runs may cost in a calendar month (UTC), in USD. Left out: no limit.")]
    public decimal? MonthBudget { get; init; }

    [Description("Runs that ended longer ago are removed, in days, 1 to 3650, unless rated or pinned. Left out: the host's setting.")]
    public int? KeepDays { get; init; }

    [Description("How many ended runs are kept, the newest, 1 to 1000000, besides rated and pinned ones. Left out: the host's setting.")]
    public int? KeepRuns { get; init; }

    public static LimitFields From(WorkflowLimits limits) =>
        new()
        {
            MaxConcurrentRuns = limits.MaxConcurrentRuns,
            RunBudget = Usd(limits.RunBudget),
            DayBudget = Usd(limits.DayBudget),
            MonthBudget = Usd(limits.MonthBudget),
            KeepDays = limits.KeepDays,
            KeepRuns = limits.KeepRuns,
        };

    public WorkflowLimits ToLimits() =>
        new()
        {
            MaxConcurrentRuns = MaxConcurrentRuns,
            RunBudget = Nanos(RunBudget),
            DayBudget = Nanos(DayBudget),
            MonthBudget = Nanos(MonthBudget),
            KeepDays = KeepDays,
            KeepRuns = KeepRuns,
        };

    private static decimal? Usd(long? nanos) => nanos is { } known ? Money.ToUsd(known) : null;

    /// <summary>What no budget may be stays what it may not be, and is refused at its field.</summary>
    private static long? Nanos(decimal? usd) =>
        usd switch
        {
            null => null,
            < 0 => -1,
            > 2_000_000_000m => long.MaxValue,
            { } known => Money.ToNanos(known),
        };
}
