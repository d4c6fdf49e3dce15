namespace PromptPilot.Core.Runs.State;

/// <summary>The next action of a run.</summary>
internal abstract record RunAction(StepState Step)
{
    /// <summary>Calls the model, for the whole step or for one item of its list.</summary>
    /// <param name="Items">Number of items in the list, with the first call of a fan-out.</param>
    public sealed record Start(StepState Step, int? Item, int? Items) : RunAction(Step);

    public sealed record Skip(StepState Step, string Reason) : RunAction(Step);

    /// <summary>The list is empty: so is the output.</summary>
    public sealed record Empty(StepState Step) : RunAction(Step);

    /// <summary>The step fails before any call: its guard or its list cannot be evaluated.</summary>
    public sealed record Fail(StepState Step, string Message) : RunAction(Step);

    public sealed record AskReview(StepState Step) : RunAction(Step);

    /// <summary>A review timed out.</summary>
    public sealed record EndReview(StepState Step) : RunAction(Step);
}

/// <summary>The phase of a run when its state allows no further action: what it waits for, if anything.</summary>
internal abstract record RunPhase
{
    /// <summary>Attempts are in flight.</summary>
    public sealed record InFlight : RunPhase;

    /// <summary>It has ended, with any status.</summary>
    public sealed record Ended : RunPhase;

    /// <summary>It waits for a time, a profile or a person.</summary>
    /// <param name="Until">The time at which it resumes without a person (UTC); null: never.</param>
    public sealed record Waiting(DateTime? Until) : RunPhase;

    /// <summary>
    /// Nothing can happen although it has not ended: a bug, or a plan with missing parts. While the host stops, it only means that nothing
    /// new starts.
    /// </summary>
    public sealed record Stuck : RunPhase;
}
