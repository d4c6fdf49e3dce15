namespace PromptPilot.Core.Runs.Execution;

/// <summary>How a run stands.</summary>
internal abstract record Outlook
{
    /// <summary>Attempts are in flight.</summary>
    public sealed record InFlight : Outlook;

    /// <summary>It has come to its end, good or bad.</summary>
    public sealed record Over : Outlook;

    /// <summary>It waits for the clock, for a profile or for a person.</summary>
    /// <param name="Until">When it goes on by itself; null: only a person can let it.</param>
    public sealed record Open(DateTime? Until) : Outlook;

    /// <summary>
    /// Nothing can happen any more, although it is not over: a bug, or a plan whose parts are gone. While the host stops it only means that
    /// nothing is begun.
    /// </summary>
    public sealed record Stuck : Outlook;
}
