namespace PromptPilot.Core.Runs.Budgets;

/// <summary>
/// Permission to make one call. <see cref="Settle"/> it with the call's cost after its execution log is committed; disposed without
/// that, the call is treated as never made.
/// </summary>
internal sealed class BudgetReservation : IDisposable
{
    private readonly RunBudgets _budgets;
    private int _isClosed;

    /// <param name="upperBound">The amount reserved for the call in <paramref name="run"/>, <paramref name="workflow"/> and
    /// <paramref name="profile"/>, those that have a budget, in nano-USD.</param>
    internal BudgetReservation(
        RunBudgets budgets,
        string profileId,
        string? workflowId,
        Period period,
        long upperBound,
        RunSpend? run,
        Spend? workflow,
        Spend? profile
    )
    {
        _budgets = budgets;
        (ProfileId, WorkflowId, Period, UpperBound) = (profileId, workflowId, period, upperBound);
        (Run, Workflow, Profile) = (run, workflow, profile);
    }

    /// <summary>Id of the row that other hosts see; null where there are none.</summary>
    internal string? HoldId { get; init; }

    internal string ProfileId { get; }

    internal string? WorkflowId { get; }

    internal Period Period { get; }

    internal long UpperBound { get; }

    internal RunSpend? Run { get; }

    internal Spend? Workflow { get; }

    internal Spend? Profile { get; }

    /// <summary>Replaces the upper bound with the call's cost. Later calls of this do nothing.</summary>
    /// <param name="actualCost">The real cost in nano-USD.</param>
    public void Settle(long actualCost)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _budgets.Close(this, actualCost);
        }
    }

    public void Dispose() => Settle(0);
}
