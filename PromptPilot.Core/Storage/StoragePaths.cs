namespace PromptPilot.Core.Storage;

/// <summary>Paths in the data directory.</summary>
/// <param name="Database">The SQLite file.</param>
/// <param name="KeyRing">The folder of the keys by which secrets are encrypted.</param>
/// <param name="Backups">A folder of the data directory for copies, made when it is needed.</param>
public sealed record StoragePaths(string Database, string KeyRing, string Backups);
