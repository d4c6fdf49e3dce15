namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>A channel of PostgreSQL's notifications that this host listens to.</summary>
/// <param name="Channel">The name: a lower-case word.</param>
/// <param name="Heard">
/// Is given each payload, within milliseconds of the commit, one at a time; null when some may have been missed. Returns immediately.
/// </param>
public sealed record HostNotice(string Channel, Action<string?> Heard);
