using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Features.Workflows.Editing;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The set options of a step or workflow, for summaries.</summary>
internal static class OptionMarks
{
    /// <summary>Nothing for what is as usual.</summary>
    public static IReadOnlyList<OptionMark> Of(StepOptions options) =>
        [.. StepOptionTable.All.Select(option => option.Mark?.Invoke(options)).OfType<OptionMark>()];

    public static IReadOnlyList<OptionMark> Of(WorkflowOptions options, WorkflowLimits limits) =>
        [
            .. Some(options.ChatInput is { } chat ? new OptionMark("chat input", chat) : null),
            .. Some(options.TimeoutSeconds is { } seconds ? new OptionMark($"{DurationText.Of(seconds)} per run") : null),
            .. Some(options.MaxParallelSteps is { } steps ? new OptionMark($"{Format.Count(steps, "step")} in parallel") : null),
            .. Some(limits.MaxConcurrentRuns is { } runs ? new OptionMark($"{Format.Count(runs, "concurrent run")}") : null),
            .. Some(limits.HideFromAgents ? new OptionMark("hidden from agents") : null),
            .. Some(limits.RunBudget is { } run ? new OptionMark($"{Format.Money(run)} per run") : null),
            .. Some(limits.DayBudget is { } day ? new OptionMark($"{Format.Money(day)} per day") : null),
            .. Some(limits.MonthBudget is { } month ? new OptionMark($"{Format.Money(month)} per month") : null),
            .. Some(limits.KeepDays is { } days ? new OptionMark($"kept {Format.Count(days, "day")}") : null),
            .. Some(limits.KeepRuns is { } kept ? new OptionMark($"the newest {Format.Count(kept)} runs kept") : null),
        ];

    /// <summary>Options that affect the data flow, for the drawing.</summary>
    public static IReadOnlyList<string> OfFlow(StepOptions options) =>
        [.. StepOptionTable.All.Where(option => option.FlowMark is not null && option.IsSet(options)).Select(option => option.FlowMark!)];

    public static IReadOnlyList<string> OfFlow(string? when, string? forEach, bool hasReview) =>
        OfFlow(
            new StepOptions
            {
                When = when,
                ForEach = forEach,
                Review = hasReview ? new ReviewOptions() : null,
            }.Tidy()
        );

    private static OptionMark[] Some(OptionMark? mark) => mark is null ? [] : [mark];
}
