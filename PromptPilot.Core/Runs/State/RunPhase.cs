namespace PromptPilot.Core.Runs.State;

/// <summary>What a run is waiting for, if anything, once no more events follow from its state.</summary>
internal abstract record RunPhase
{
    /// <summary>Attempts are in flight.</summary>
    public sealed record InFlight : RunPhase;

    /// <summary>It has ended, well or badly.</summary>
    public sealed record Ended : RunPhase;

    /// <summary>It waits for the clock, for a profile or for a person.</summary>
    /// <param name="Until">When it resumes without a person (UTC); null: never.</param>
    public sealed record Waiting(DateTime? Until) : RunPhase;

    /// <summary>
    /// Nothing can happen, although it has not ended: a bug, or a plan whose parts are gone. While the host stops it only means that
    /// nothing is begun.
    /// </summary>
    public sealed record Stuck : RunPhase;
}
