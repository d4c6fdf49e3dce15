namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>A channel of PostgreSQL notifications that this host listens to.</summary>
/// <param name="Channel">The name: a lower-case word.</param>
/// <param name="Heard">
/// Called with each payload, one at a time, within milliseconds of the commit; with null when some may have been missed. Must not block.
/// </param>
public sealed record HostNotice(string Channel, Action<string?> Heard);
