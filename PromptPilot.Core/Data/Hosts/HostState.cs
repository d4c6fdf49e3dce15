namespace PromptPilot.Core.Data.Hosts;

/// <summary>What this host knows about its connection to other hosts.</summary>
public sealed class HostState
{
    private volatile string? _problem;
    private volatile string? _notReady;

    /// <summary>Whether no other host was alive when this one started, so that it can resume all unfinished runs at once.</summary>
    public bool WasAlone { get; internal set; } = true;

    /// <summary>State of the connection to Redis: <c>connected</c> or <c>not connected</c>; null where it is not used.</summary>
    public string? Redis { get; internal set; }

    /// <summary>How many runs this host executes at a time; null until it is known.</summary>
    public int? Slots { get; internal set; }

    /// <summary>Why the last check of its readiness failed, for the other hosts; null if it succeeded.</summary>
    public string? NotReady
    {
        get => _notReady;
        set => _notReady = value;
    }

    /// <summary>Why this host cannot work at the moment; null if it can.</summary>
    public string? Problem
    {
        get => _problem;
        internal set => _problem = value;
    }
}
