using System.Globalization;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>Finds problems in the options and limits of a workflow.</summary>
internal static class WorkflowOptionProblems
{
    /// <param name="inputs">The names of the workflow's inputs.</param>
    public static IEnumerable<WorkflowProblem> Find(WorkflowOptions options, WorkflowLimits limits, IReadOnlyCollection<string> inputs)
    {
        WorkflowProblem?[] problems =
        [
            options.Description?.Length > WorkflowOptions.LongestDescription
                ? new WorkflowProblem(
                    "description",
                    $"A description can have at most {WorkflowOptions.LongestDescription:N0} characters.",
                    BlocksSaving: true
                )
                : null,
            options.ChatInput is { } chat && !inputs.Contains(chat)
                ? new WorkflowProblem(
                    "chatInput",
                    $"The workflow has no input “{chat}”. Choose another one for messages of a chat.{Spelling.DidYouMean(chat, inputs)}",
                    BlocksSaving: false
                )
                : null,
            NumberRange.Problem(
                options.TimeoutSeconds,
                1,
                WorkflowOptions.LongestTimeoutSeconds,
                "timeoutSeconds",
                "The timeout must be from {0} to {1} seconds (7 days)."
            ),
            NumberRange.Problem(
                options.MaxParallelSteps,
                1,
                WorkflowOptions.MostParallelSteps,
                "maxParallelSteps",
                "Parallel steps must be from {0} to {1}."
            ),
            NumberRange.Problem(
                limits.MaxConcurrentRuns,
                1,
                WorkflowLimits.MostConcurrentRuns,
                "limits.maxConcurrentRuns",
                "Concurrent runs must be from {0} to {1}."
            ),
            Budget(limits.RunBudget, "limits.runBudget"),
            Budget(limits.DayBudget, "limits.dayBudget"),
            Budget(limits.MonthBudget, "limits.monthBudget"),
            NumberRange.Problem(
                limits.KeepDays,
                1,
                WorkflowLimits.MostKeepDays,
                "limits.keepDays",
                "Days to keep must be from {0} to {1}."
            ),
            NumberRange.Problem(
                limits.KeepRuns,
                1,
                WorkflowLimits.MostKeepRuns,
                "limits.keepRuns",
                "Runs to keep must be from {0} to {1}."
            ),
        ];
        return problems.OfType<WorkflowProblem>();
    }

    private static WorkflowProblem? Budget(long? nanos, string field) =>
        nanos is null or (>= 0 and <= WorkflowLimits.MostBudget)
            ? null
            : new WorkflowProblem(
                field,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The budget must be from 0 to {Money.ToUsd(WorkflowLimits.MostBudget):N0} USD. With 0, only free calls are made."
                ),
                BlocksSaving: true
            );
}
