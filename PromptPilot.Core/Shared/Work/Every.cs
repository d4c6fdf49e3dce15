namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// Decides when periodic work is due again. Measures elapsed time, so setting the system clock back does not delay it. Due
/// immediately at first.
/// </summary>
internal sealed class Every(TimeSpan interval, TimeProvider time)
{
    private long? _last;

    /// <summary>True once an interval.</summary>
    public bool IsDue()
    {
        if (_last is { } last && time.GetElapsedTime(last) < interval)
        {
            return false;
        }

        _last = time.GetTimestamp();
        return true;
    }
}
