namespace PromptPilot.Tests.Support;

/// <summary>The system's clock, which a test can move ahead. Timers keep real time.</summary>
internal sealed class LeapClock : TimeProvider
{
    private long _ahead;

    public void Leap(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    public override DateTimeOffset GetUtcNow()
    {
        var now = System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)((double)Interlocked.Read(ref _ahead) / TimeSpan.TicksPerSecond * TimestampFrequency);
}
