namespace PromptPilot.Core.Runs.Budgets;

/// <summary>The budgets that a call has to fit. A scope without a budget is null.</summary>
/// <param name="Amount">The most the call can cost, in nano-USD.</param>
internal sealed record BudgetQuestion(string? ProfileId, string? WorkflowId, long Amount);

/// <summary>Reservations of calls, where several hosts spend the same budgets.</summary>
public abstract class BudgetHolds
{
    /// <summary>False: this host is the only one, and keeps sums and reservations in memory.</summary>
    internal abstract bool AreShared { get; }

    /// <summary>Reserves an amount if it fits, while no other host does the same.</summary>
    /// <param name="refuse">Returns why the call is not made, by the spending of the workflow and of the profile; null when it fits.
    /// </param>
    /// <returns>The reservation's id, or the reason.</returns>
    internal abstract Task<(string? Id, string? Refusal)> TryAddAsync(
        BudgetQuestion question,
        Func<Period, Spend?, Spend?, string?> refuse,
        CancellationToken cancellationToken
    );

    /// <summary>Ends a reservation, once the log with the call's cost is committed.</summary>
    internal abstract void Remove(string id);

    /// <summary>Spending of a profile or workflow, with all reservations.</summary>
    internal abstract Task<Spend> ReadAsync(string id, bool isProfile, CancellationToken cancellationToken);
}

/// <summary>There is no other host.</summary>
public sealed class LocalHolds : BudgetHolds
{
    internal override bool AreShared => false;

    internal override Task<(string? Id, string? Refusal)> TryAddAsync(
        BudgetQuestion question,
        Func<Period, Spend?, Spend?, string?> refuse,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    internal override void Remove(string id) => throw new NotSupportedException();

    internal override Task<Spend> ReadAsync(string id, bool isProfile, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
