using System.Globalization;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Budgets;

/// <summary>Decides if a call fits its budgets, and explains which one stops it.</summary>
internal static class BudgetWords
{
    /// <summary>The reason why the call is not made; null when it fits.</summary>
    /// <param name="upperBound">The maximum cost in nano-USD.</param>
    public static string? Refusal(
        long upperBound,
        Period period,
        WorkflowLimits? workflow,
        RunSpend? ofRun,
        Spend? ofWorkflow,
        ModelProfile? profile,
        Spend? ofProfile
    )
    {
        if (ofRun is not null && Exceeds(workflow!.RunBudget, ofRun.Settled + ofRun.Open, upperBound))
        {
            return Words(
                "a run of this workflow",
                "",
                workflow.RunBudget!.Value,
                ofRun.Settled + ofRun.Open,
                upperBound,
                "Raise the run budget in the workflow's limits, then retry the run."
            );
        }

        var tomorrow = "wait until 00:00 UTC";
        var nextMonth = string.Create(CultureInfo.InvariantCulture, $"wait until {period.Month.AddMonths(1):d MMMM}, 00:00 UTC");
        if (ofWorkflow is not null && Exceeds(workflow!.DayBudget, ofWorkflow.Day + ofWorkflow.Open, upperBound))
        {
            return Words(
                "this workflow",
                " a day",
                workflow.DayBudget!.Value,
                ofWorkflow.Day + ofWorkflow.Open,
                upperBound,
                $"Raise the budget in the workflow's limits or {tomorrow}."
            );
        }

        if (ofWorkflow is not null && Exceeds(workflow!.MonthBudget, ofWorkflow.Month + ofWorkflow.Open, upperBound))
        {
            return Words(
                "this workflow",
                " a month",
                workflow.MonthBudget!.Value,
                ofWorkflow.Month + ofWorkflow.Open,
                upperBound,
                $"Raise the budget in the workflow's limits or {nextMonth}."
            );
        }

        if (ofProfile is not null && Exceeds(profile!.Budgets.Day, ofProfile.Day + ofProfile.Open, upperBound))
        {
            return Words(
                $"profile “{profile.Name}”",
                " a day",
                profile.Budgets.Day!.Value,
                ofProfile.Day + ofProfile.Open,
                upperBound,
                $"Raise the budget or {tomorrow}."
            );
        }

        return ofProfile is not null && Exceeds(profile!.Budgets.Month, ofProfile.Month + ofProfile.Open, upperBound)
            ? Words(
                $"profile “{profile.Name}”",
                " a month",
                profile.Budgets.Month!.Value,
                ofProfile.Month + ofProfile.Open,
                upperBound,
                $"Raise the budget or {nextMonth}."
            )
            : null;
    }

    private static bool Exceeds(long? limit, long taken, long upperBound) => limit is { } most && taken + upperBound > most;

    private static string Words(string who, string period, long limit, long taken, long upperBound, string advice) =>
        $"Stopped by budget: {who} may spend {Money.Text(limit)}{period} and {Money.Text(taken)} is spent or reserved; "
        + $"this call could cost up to {Money.Text(upperBound)}. "
        + (upperBound > limit ? "Lower max tokens or raise the budget." : advice);
}
