namespace PromptPilot.Core.Shared.Work;

/// <summary>Notices that the system's clock was set back, by comparing it with the time that has passed.</summary>
internal sealed class ClockWatch(TimeProvider time)
{
    /// <summary>Smaller differences are the slewing of a clock that is kept in step.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private (DateTimeOffset Clock, long Passed)? _last;

    /// <summary>True when the clock was set back since the last call, and at the first call.</summary>
    public bool WasSetBack()
    {
        var (before, clock, passed) = (_last, time.GetUtcNow(), time.GetTimestamp());
        _last = (clock, passed);
        return before is not { } last || clock < last.Clock + time.GetElapsedTime(last.Passed, passed) - Tolerance;
    }
}
