using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.Budgets;

namespace PromptPilot.Web.Features.Models;

public sealed partial class SpentCard
{
    [Parameter, EditorRequired]
    public ProfileSpend Spend { get; set; } = default!;

    private IEnumerable<(string Label, long Spent, long? Budget)> Rows =>
        [("Today", Spend.Day, Spend.DayBudget), ("Month", Spend.Month, Spend.MonthBudget)];

    private static int Share(long spent, long budget) => (int)Math.Clamp((decimal)spent / budget * 100, 0, 100);
}
