namespace PromptPilot.Core.Runs.State;

/// <summary>The phase of a run once nothing further follows from its state: what it is waiting for, if anything.</summary>
internal abstract record RunPhase
{
    /// <summary>Attempts are in flight.</summary>
    public sealed record InFlight : RunPhase;

    /// <summary>It has ended, whatever its status.</summary>
    public sealed record Ended : RunPhase;

    /// <summary>It waits for the clock, for a profile or for a person.</summary>
    /// <param name="Until">The time at which it resumes without a person (UTC); null: never.</param>
    public sealed record Waiting(DateTime? Until) : RunPhase;

    /// <summary>
    /// Nothing can happen, although it has not ended: a bug, or a plan whose parts are gone. While the host stops it only means that
    /// nothing is begun.
    /// </summary>
    public sealed record Stuck : RunPhase;
}
