using System.Globalization;
using System.Text.Json.Serialization;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>The options and limits of a workflow while they are edited: texts as typed.</summary>
public sealed record WorkflowOptionsDraft
{
    /// <summary>Whether the form shows them; they are folded away otherwise.</summary>
    [JsonIgnore]
    public bool IsOpen { get; set; }

    public string Description { get; set; } = "";

    public string ChatInput { get; set; } = "";

    public string TimeLimit { get; set; } = "";

    public string MaxParallelSteps { get; set; } = "";

    public string MaxConcurrentRuns { get; set; } = "";

    public bool HideFromAgents { get; set; }

    public string RunBudget { get; set; } = "";

    public string DayBudget { get; set; } = "";

    public string MonthBudget { get; set; } = "";

    public string KeepDays { get; set; } = "";

    public string KeepRuns { get; set; } = "";

    public static WorkflowOptionsDraft From(WorkflowOptions options, WorkflowLimits limits) =>
        new()
        {
            Description = options.Description ?? "",
            ChatInput = options.ChatInput ?? "",
            TimeLimit = options.TimeoutSeconds is { } seconds ? DurationText.Of(seconds) : "",
            MaxParallelSteps = Text(options.MaxParallelSteps),
            MaxConcurrentRuns = Text(limits.MaxConcurrentRuns),
            HideFromAgents = limits.HideFromAgents,
            RunBudget = Usd(limits.RunBudget),
            DayBudget = Usd(limits.DayBudget),
            MonthBudget = Usd(limits.MonthBudget),
            KeepDays = Text(limits.KeepDays),
            KeepRuns = Text(limits.KeepRuns),
        };

    public WorkflowOptions ToOptions() => Options(new TypedFields(""));

    public WorkflowLimits ToLimits() => Limits(new TypedFields(""));

    /// <summary>Errors of unreadable texts.</summary>
    public IReadOnlyList<WorkflowProblem> Problems()
    {
        var fields = new TypedFields("");
        Options(fields);
        Limits(fields);
        return fields.Problems;
    }

    private WorkflowOptions Options(TypedFields fields) =>
        new()
        {
            Description = Description == "" ? null : Description,
            ChatInput = ChatInput == "" ? null : ChatInput,
            TimeoutSeconds = fields.Duration("timeoutSeconds", TimeLimit),
            MaxParallelSteps = fields.Whole("maxParallelSteps", MaxParallelSteps),
        };

    private WorkflowLimits Limits(TypedFields fields) =>
        new()
        {
            MaxConcurrentRuns = fields.Whole("limits.maxConcurrentRuns", MaxConcurrentRuns),
            HideFromAgents = HideFromAgents,
            RunBudget = fields.Usd("limits.runBudget", RunBudget),
            DayBudget = fields.Usd("limits.dayBudget", DayBudget),
            MonthBudget = fields.Usd("limits.monthBudget", MonthBudget),
            KeepDays = fields.Whole("limits.keepDays", KeepDays),
            KeepRuns = fields.Whole("limits.keepRuns", KeepRuns),
        };

    private static string Text(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Usd(long? nanos) =>
        nanos is { } known ? Money.ToUsd(known).ToString("0.#########", CultureInfo.InvariantCulture) : "";
}
