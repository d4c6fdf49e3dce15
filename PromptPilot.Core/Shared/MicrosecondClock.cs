namespace PromptPilot.Core.Shared;

/// <summary>
/// The system's clock in whole microseconds. PostgreSQL stores six digits of a second, so a longer time would differ from itself once it
/// was read back.
/// </summary>
public sealed class MicrosecondClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => Cut(base.GetUtcNow());

    /// <summary>The time without what is less than a microsecond.</summary>
    internal static DateTimeOffset Cut(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
