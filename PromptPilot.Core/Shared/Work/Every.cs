namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// Whether it is time again for what is done each hour or so. Counts time that has passed, so that a system clock that is set back postpones
/// nothing. The first time is at once.
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
