using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Budgets;

/// <summary>Spending and budgets of a profile, in nano-USD. Days and months are in UTC.</summary>
/// <param name="Open">Reserved for calls that are being made.</param>
/// <param name="DayBudget">Null: no limit.</param>
/// <param name="MonthBudget">Null: no limit.</param>
public sealed record ProfileSpend(long Day, long Month, long Open, long? DayBudget, long? MonthBudget);

/// <summary>Shows how much of a budget is spent.</summary>
public sealed class BudgetService(Operations operations, ModelProfiles profiles, RunBudgets budgets)
{
    /// <summary>Cost of a profile's calls today and this month. For admins.</summary>
    public Task<Result<ProfileSpend>> FindProfileSpendAsync(Actor actor, string profileId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ProfileSpend>(
            actor,
            Permission.Admin,
            async _ =>
            {
                if (await profiles.FindAsync(profileId, cancellationToken) is not { } profile)
                {
                    return Problem.NotFound("model profile");
                }

                var (day, month, open) = await budgets.SpentByProfileAsync(profileId, cancellationToken);
                return new ProfileSpend(day, month, open, profile.Budgets.Day, profile.Budgets.Month);
            },
            cancellationToken
        );
}
