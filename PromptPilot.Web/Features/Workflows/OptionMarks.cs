using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Workflows.Editing;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>An option that is set, in a few words: “for each” <c>tickets</c> “8 at a time”.</summary>
public sealed record OptionMark(string Word, string? Code = null, string? More = null);

/// <summary>What is set of the options of a step or workflow, for summaries.</summary>
internal static class OptionMarks
{
    /// <summary>Nothing for what is as usual.</summary>
    public static IReadOnlyList<OptionMark> Of(StepOptions options) =>
        [
            .. Some(options.When is { } when ? new OptionMark("when", when) : null),
            .. Some(
                options.ForEach is { } forEach
                    ? new OptionMark("for each of", forEach, options.MaxParallelItems is { } items ? $"{items} in parallel" : null)
                    : null
            ),
            .. Some(options.MaxAttempts is { } attempts ? new OptionMark(attempts == 1 ? "1 attempt" : $"{attempts} attempts") : null),
            .. Some(options.TimeoutSeconds is { } seconds ? new OptionMark($"{DurationText.Of(seconds)} per attempt") : null),
            .. Some(options.OnError == OnError.Default ? new OptionMark("default on failure") : null),
            .. Some(
                options.OutputFormat == OutputFormat.Json ? new OptionMark(options.JsonSchema is null ? "JSON" : "JSON with schema") : null
            ),
            .. Some(
                options.Review is { } review
                    ? new OptionMark(
                        "review",
                        More: review.TimeoutSeconds is { } wait
                            ? $"{(review.OnTimeout == ReviewVerdict.Approve ? "approved" : "rejected")} after {DurationText.Of(wait)}"
                            : null
                    )
                    : null
            ),
            .. Some(options.Parameters is not null ? new OptionMark("own parameters") : null),
        ];

    public static IReadOnlyList<OptionMark> Of(WorkflowOptions options, WorkflowLimits limits) =>
        [
            .. Some(options.TimeoutSeconds is { } seconds ? new OptionMark($"{DurationText.Of(seconds)} per run") : null),
            .. Some(options.MaxParallelSteps is { } steps ? new OptionMark($"{Format.Count(steps, "step")} in parallel") : null),
            .. Some(limits.MaxConcurrentRuns is { } runs ? new OptionMark($"{Format.Count(runs, "concurrent run")}") : null),
            .. Some(limits.RunBudget is { } run ? new OptionMark($"{Format.Money(run)} per run") : null),
            .. Some(limits.DayBudget is { } day ? new OptionMark($"{Format.Money(day)} per day") : null),
            .. Some(limits.MonthBudget is { } month ? new OptionMark($"{Format.Money(month)} per month") : null),
            .. Some(limits.KeepDays is { } days ? new OptionMark($"kept {Format.Count(days, "day")}") : null),
            .. Some(limits.KeepRuns is { } kept ? new OptionMark($"the newest {Format.Count(kept)} runs kept") : null),
        ];

    /// <summary>What changes how data flows, for the picture.</summary>
    public static IReadOnlyList<string> OfFlow(StepOptions options) => OfFlow(options.When, options.ForEach, options.Review is not null);

    public static IReadOnlyList<string> OfFlow(string? when, string? forEach, bool hasReview) =>
        [
            .. string.IsNullOrWhiteSpace(when) ? [] : new[] { "when" },
            .. string.IsNullOrWhiteSpace(forEach) ? [] : new[] { "each" },
            .. hasReview ? new[] { "review" } : [],
        ];

    private static OptionMark[] Some(OptionMark? mark) => mark is null ? [] : [mark];
}
