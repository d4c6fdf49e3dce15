using Microsoft.Data.Sqlite;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>Checks of <c>doctor</c> that need only this machine.</summary>
internal sealed class LocalChecks(LocalPortal portal)
{
    private const long LittleSpace = 1L << 30;
    private const long NoSpace = 100L << 20;

    public IEnumerable<Finding> Settings()
    {
        var errors = Portal.CheckSettings(portal.Services);
        foreach (var error in errors)
        {
            yield return Finding.Failed("Settings", error);
        }

        foreach (var unknown in Portal.UnknownKeys(portal.Services))
        {
            yield return Finding.Warning("Settings", unknown);
        }

        if (errors.Count == 0)
        {
            yield return Finding.Ok("Settings", "All are valid.");
        }
    }

    public Finding Disk()
    {
        var directory = portal.Get<DataDirectory>();
        if (!Directory.Exists(directory.Path))
        {
            return Finding.Failed("Disk", $"{directory.Path} does not exist. Specify the data directory with --data.");
        }

        var free = new DriveInfo(directory.Path).AvailableFreeSpace;
        var text = $"{directory.Path} has {free >> 20:N0} MB of free space.";
        return free < NoSpace ? Finding.Failed("Disk", $"{text} The portal is about to stop writing. Free up space.")
            : free < LittleSpace ? Finding.Warning("Disk", $"{text} Free up space, or shorten the retention.")
            : Finding.Ok("Disk", text);
    }

    public async Task<Finding> DatabaseAsync(CancellationToken cancellationToken)
    {
        const string Check = "Database";
        if (!portal.HasDatabase)
        {
            return Finding.Failed(Check, $"{portal.Get<DataDirectory>().Database} does not exist. Start the portal once.");
        }

        try
        {
            if (await portal.FindPendingAsync(cancellationToken) is { } pending)
            {
                return Finding.Failed(Check, pending);
            }

            var care = portal.Get<IDatabaseCare>();
            var errors = care.CanCheck ? await care.CheckAsync(cancellationToken) : [];
            return errors.Count > 0
                ? Finding.Failed(Check, $"It is damaged ({errors[0]}). Restore a backup.")
                : Finding.Ok(Check, care.CanCheck ? "It is intact and matches this version." : "It responds and matches this version.");
        }
        catch (Exception exception) when (exception is SqliteException or System.Data.Common.DbException or IOException)
        {
            return Finding.Failed(Check, $"It cannot be read: {exception.Message}");
        }
    }

    public Finding Keys() =>
        portal.FindKeyDamage() is { } damage ? Finding.Failed("Keys", damage) : Finding.Ok("Keys", "The stored secrets can be decrypted.");
}
