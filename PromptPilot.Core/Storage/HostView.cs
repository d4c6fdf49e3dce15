namespace PromptPilot.Core.Storage;

/// <summary>A host that uses the database, or has used it within a day. Times are the database's.</summary>
/// <param name="HasLease">Its lease has not expired: it answered within the last 15 s.</param>
/// <param name="HasSession">Its connection is open.</param>
/// <param name="SecondsSilent">How long ago it renewed its lease.</param>
/// <param name="RoundTripMs">How long its last renewal took; null before the second.</param>
/// <param name="Redis">State of its connection to Redis; null where it uses none.</param>
/// <param name="IsListening">Whether it receives notifications of other hosts' changes.</param>
/// <param name="Runs">Number of runs that it executes.</param>
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
    int Runs
);
