using Microsoft.Data.Sqlite;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Storage;

/// <summary>
/// Puts a backup where no database is yet. Called before a host runs, from an account that can write to the data directory.
/// </summary>
public static class BackupRestore
{
    /// <summary>Unpacks, checks, and only then moves database and key ring to their places.</summary>
    public static Result<Done> Restore(string file, string passphrase, StoragePaths paths)
    {
        if (File.Exists(paths.Database) || (Directory.Exists(paths.KeyRing) && Directory.EnumerateFiles(paths.KeyRing, "*.xml").Any()))
        {
            return Problem.Conflict(
                $"{Path.GetDirectoryName(paths.Database)} already contains a portal. Restore into an empty data directory, or "
                    + "move this one away first."
            );
        }

        var folder = Path.Combine(paths.Backups, $"restore-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            using (var input = File.OpenRead(file))
            {
                BackupArchive.Read(input, passphrase, folder);
            }

            var database = Path.Combine(folder, BackupArchive.DatabaseEntry);
            if (!File.Exists(database))
            {
                return Problem.Conflict("This backup contains no database.");
            }

            if (DatabaseCopy.Check(database) is { Count: > 0 } faults)
            {
                return Problem.Conflict($"The database in this backup is damaged: {faults[0]}");
            }

            Directory.CreateDirectory(paths.KeyRing);
            var keys = Path.Combine(folder, BackupArchive.KeysFolder);
            foreach (var key in Directory.Exists(keys) ? Directory.EnumerateFiles(keys) : [])
            {
                File.Move(key, Path.Combine(paths.KeyRing, Path.GetFileName(key)));
            }

            // Last: a restore that was interrupted before has left no database, and can be done again in another directory.
            File.Move(database, paths.Database);
            return default(Done);
        }
        catch (Exception exception)
            when (exception is IOException or InvalidDataException or UnauthorizedAccessException or SqliteException)
        {
            return Problem.Conflict(exception.Message);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
