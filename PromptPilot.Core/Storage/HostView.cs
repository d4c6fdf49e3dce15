namespace PromptPilot.Core.Storage;

/// <summary>The condition of a host, as the database knows it.</summary>
public enum HostCondition
{
    /// <summary>It does not do its work yet.</summary>
    Starting,

    Ready,

    /// <summary>It answers, but cannot do its work: <see cref="HostView.NotReady"/> says why.</summary>
    NotReady,

    /// <summary>Its connection was lost, and it opens a new one.</summary>
    Reconnecting,

    /// <summary>Its connection is open, but its lease has expired: the process hangs.</summary>
    NotResponding,

    /// <summary>It ended without notice.</summary>
    Ended,
}

/// <summary>A host that uses the database, or has used it within a day. Times are the database's.</summary>
/// <param name="HasLease">Its lease has not expired: it answered within the last 15 s.</param>
/// <param name="HasSession">Its connection is open.</param>
/// <param name="SecondsSilent">How long ago it renewed its lease.</param>
/// <param name="RoundTripMs">How long its last renewal took; null before the second.</param>
/// <param name="Redis">State of its connection to Redis; null where it uses none.</param>
/// <param name="IsListening">Whether it receives notifications of other hosts' changes.</param>
/// <param name="Runs">Number of runs that it executes.</param>
/// <param name="Slots">How many it executes at a time; null while it starts.</param>
/// <param name="LagMs">How long after another host's commit it was notified; null without another host.</param>
/// <param name="ClockMs">How far its clock is ahead of the database's; negative if it is behind.</param>
/// <param name="NotReady">Why it cannot do its work; null if it can.</param>
/// <param name="Duties">Its background work, e.g. <c>schedules, hooks</c>; <c>all</c>; null if it has none.</param>
public sealed record HostView(
    string Id,
    string Name,
    string Version,
    DateTime StartedAt,
    bool HasLease,
    bool HasSession,
    int SecondsSilent,
    int? RoundTripMs,
    string? Redis,
    bool IsListening,
    int Runs,
    int? Slots,
    int? LagMs,
    int? ClockMs,
    string? NotReady,
    string? Duties
)
{
    public HostCondition Condition =>
        this switch
        {
            { HasLease: true, HasSession: true, IsListening: false } => HostCondition.Starting,
            { HasLease: true, HasSession: true, NotReady: null } => HostCondition.Ready,
            { HasLease: true, HasSession: true } => HostCondition.NotReady,
            { HasLease: true } => HostCondition.Reconnecting,
            { HasSession: true } => HostCondition.NotResponding,
            _ => HostCondition.Ended,
        };
}
