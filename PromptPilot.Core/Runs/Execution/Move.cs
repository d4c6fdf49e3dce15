using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>One thing that follows from a run's fold.</summary>
internal abstract record Move(StepState Step)
{
    /// <summary>Calls the model, for the whole step or for one item of its list.</summary>
    /// <param name="Items">How many items the list has, with the first call of a fan-out.</param>
    public sealed record Start(StepState Step, int? Item, int? Items) : Move(Step);

    public sealed record Skip(StepState Step, string Reason) : Move(Step);

    /// <summary>The list is empty: so is the output.</summary>
    public sealed record Empty(StepState Step) : Move(Step);

    /// <summary>The step fails before any call: its guard or its list cannot be evaluated.</summary>
    public sealed record Fail(StepState Step, string Message) : Move(Step);

    public sealed record AskReview(StepState Step) : Move(Step);

    /// <summary>Nobody answered in time.</summary>
    public sealed record EndReview(StepState Step) : Move(Step);
}
