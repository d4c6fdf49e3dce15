namespace PromptPilot.Core.Shared.Work;

/// <summary>The pauses between tries that fail one after the other: each twice the one before, up to the longest.</summary>
internal sealed class BackOff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _last;

    /// <summary>A try has failed.</summary>
    /// <returns>The pause before the next one.</returns>
    public TimeSpan Next()
    {
        var pause =
            _last is not { } last ? first
            : last * 2 < longest ? last * 2
            : longest;
        _last = pause;
        return pause;
    }

    /// <summary>A try has succeeded.</summary>
    public void Reset() => _last = null;
}
