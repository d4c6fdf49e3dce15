namespace PromptPilot.Core.Runs.Budgets;

/// <summary>
/// The leave to make one call. <see cref="Settle"/> it with what the call cost, after its execution log was committed; disposed without
/// that, it counts as never made.
/// </summary>
internal sealed class BudgetReservation : IDisposable
{
    private readonly RunBudgets _budgets;
    private int _isClosed;

    /// <param name="upperBound">What is held for the call in <paramref name="run"/>, <paramref name="workflow"/> and
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

    internal string ProfileId { get; }

    internal string? WorkflowId { get; }

    internal Period Period { get; }

    internal long UpperBound { get; }

    internal RunSpend? Run { get; }

    internal Spend? Workflow { get; }

    internal Spend? Profile { get; }

    /// <summary>Puts what the call cost in place of its upper bound. Later calls of this do nothing.</summary>
    /// <param name="actualCost">In nano-USD.</param>
    public void Settle(long actualCost)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _budgets.Close(this, actualCost);
        }
    }

    public void Dispose() => Settle(0);
}
