namespace PromptPilot.Core.Storage;

/// <summary>What an admin does with a database as a whole. Each kind of database has other means.</summary>
public interface IDatabaseCare
{
    /// <summary>The command that makes a backup, without passwords; null when the portal makes it.</summary>
    string? BackupCommand { get; }

    /// <summary>
    /// Where a backup by <see cref="BackupCommand"/> has the keys of secrets, and what that means; null without a command.
    /// </summary>
    string? KeyNote { get; }

    /// <summary>True when an admin can have the database checked: one in a file can be damaged by what happens to the file.</summary>
    bool CanCheck { get; }

    /// <summary>What the figures of <see cref="MeasureAsync"/> include, as a sentence.</summary>
    string SizeNote { get; }

    /// <summary>How large database and key ring are, and how much more there is room for.</summary>
    Task<StorageSizes> FindSizesAsync(CancellationToken cancellationToken);

    /// <summary>Disk usage by table, workflow and kind of text. Reads every row once.</summary>
    Task<StorageUse> MeasureAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken);

    /// <summary>The hosts that use the database; empty where only one can.</summary>
    Task<IReadOnlyList<HostView>> ListHostsAsync(CancellationToken cancellationToken);

    /// <summary>Has each page, index and reference checked.</summary>
    /// <returns>The errors; empty when the database is intact.</returns>
    Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken);
}
