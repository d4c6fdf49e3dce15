using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Runs.Budgets;

/// <summary>What a budget has left.</summary>
/// <param name="Left">In USD; 0 when it is used up.</param>
/// <param name="Budget">Which one, e.g. “profile “Fast”, a day”.</param>
public sealed record BudgetBalance(decimal Left, string Budget);

/// <summary>Finds the budget that ends first. Its name and what it has left are what anyone is told whose call it stops.</summary>
public sealed class BudgetBalances(ModelProfiles profiles, LiveLimits limits, RunBudgets budgets)
{
    /// <summary>The smallest balance of all budgets that apply to calls on these profiles.</summary>
    /// <param name="workflowId">The workflow that runs; null: calls outside of one.</param>
    /// <returns>Null when no budget applies.</returns>
    internal async Task<BudgetBalance?> FindLeastAsync(
        IEnumerable<string> profileIds,
        string? workflowId,
        CancellationToken cancellationToken
    )
    {
        var balances = new List<BudgetBalance>();
        foreach (var id in profileIds.Distinct(StringComparer.Ordinal))
        {
            if (await profiles.FindAsync(id, cancellationToken) is { Budgets: { Day: not null } or { Month: not null } } profile)
            {
                var spent = await budgets.SpentByProfileAsync(id, cancellationToken);
                balances.AddRange(Of($"model profile “{profile.Name}”", spent, profile.Budgets.Day, profile.Budgets.Month));
            }
        }

        if (
            workflowId is not null
            && await limits.ForAsync(workflowId, cancellationToken) is { } limit
            && limit is { DayBudget: not null } or { MonthBudget: not null }
        )
        {
            var spent = await budgets.SpentByWorkflowAsync(workflowId, cancellationToken);
            balances.AddRange(Of("this workflow", spent, limit.DayBudget, limit.MonthBudget));
        }

        return balances.MinBy(balance => balance.Left);
    }

    private static IEnumerable<BudgetBalance> Of(string whose, (long Day, long Month, long Open) spent, long? day, long? month)
    {
        if (day is { } daily)
        {
            yield return new BudgetBalance(Money.ToUsd(Math.Max(0, daily - spent.Day - spent.Open)), $"{whose} today");
        }

        if (month is { } monthly)
        {
            yield return new BudgetBalance(Money.ToUsd(Math.Max(0, monthly - spent.Month - spent.Open)), $"{whose} this month");
        }
    }
}
