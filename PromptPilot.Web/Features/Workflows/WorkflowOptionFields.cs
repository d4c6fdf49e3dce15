using System.ComponentModel;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The options and limits of a workflow as clients send and get them.</summary>
internal abstract record WorkflowOptionFields
{
    [Description("What the workflow does, up to 1000 characters. Agents and lists of models show it.")]
    public string? Description { get; init; }

    [Description("The input that receives the last message of a chat at /v1/chat/completions. Omitted: found by the types of the inputs.")]
    public string? ChatInput { get; init; }

    [Description("Timeout of a run in seconds, 1 to 604800 (7 days), excluding time spent waiting for reviews. Omitted: no limit.")]
    public int? TimeoutSeconds { get; init; }

    [Description("Steps of a run that execute in parallel, 1 to 64. Omitted: 16.")]
    public int? MaxParallelSteps { get; init; }

    [Description("Limits for all runs of the workflow. Not part of a version: a change applies immediately.")]
    public LimitFields? Limits { get; init; }

    public WorkflowOptions ToOptions() =>
        new()
        {
            Description = Description,
            ChatInput = ChatInput,
            TimeoutSeconds = TimeoutSeconds,
            MaxParallelSteps = MaxParallelSteps,
        };

    protected static T With<T>(T workflow, WorkflowOptions options, WorkflowLimits limits)
        where T : WorkflowOptionFields =>
        workflow with
        {
            Description = options.Description,
            ChatInput = options.ChatInput,
            TimeoutSeconds = options.TimeoutSeconds,
            MaxParallelSteps = options.MaxParallelSteps,
            Limits = LimitFields.From(limits),
        };
}

/// <summary>The limits of a workflow; money in USD.</summary>
internal sealed record LimitFields
{
    [Description("True: agents are not offered the workflow as a tool at /mcp. Omitted: they are.")]
    public bool? HideFromAgents { get; init; }

    [Description("Concurrent runs, 1 to 1000. Omitted: the limit of the host.")]
    public int? MaxConcurrentRuns { get; init; }

    [Description("Maximum cost of one run in USD. Omitted: no limit.")]
    public decimal? RunBudget { get; init; }

    [Description("Maximum cost of all runs per day (UTC) in USD. Omitted: no limit.")]
    public decimal? DayBudget { get; init; }

    [Description("Maximum cost of all runs per calendar month (UTC) in USD. Omitted: no limit.")]
    public decimal? MonthBudget { get; init; }

    [Description("Days to keep ended runs, 1 to 3650. Rated and pinned runs are always kept. Omitted: the host's setting.")]
    public int? KeepDays { get; init; }

    [Description("Number of newest ended runs to keep, 1 to 1000000, in addition to rated and pinned ones. Omitted: the host's setting.")]
    public int? KeepRuns { get; init; }

    public static LimitFields From(WorkflowLimits limits) =>
        new()
        {
            HideFromAgents = limits.HideFromAgents ? true : null,
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
            HideFromAgents = HideFromAgents is true,
            MaxConcurrentRuns = MaxConcurrentRuns,
            RunBudget = Nanos(RunBudget),
            DayBudget = Nanos(DayBudget),
            MonthBudget = Nanos(MonthBudget),
            KeepDays = KeepDays,
            KeepRuns = KeepRuns,
        };

    private static decimal? Usd(long? nanos) => nanos is { } known ? Money.ToUsd(known) : null;

    /// <summary>An invalid budget stays invalid in the conversion, so that it is refused at its field.</summary>
    private static long? Nanos(decimal? usd) =>
        usd switch
        {
            null => null,
            < 0 => -1,
            > 2_000_000_000m => long.MaxValue,
            { } known => Money.ToNanos(known),
        };
}
