using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Storage;

/// <summary>A backup to be sent away. Its file goes with the stream.</summary>
public sealed record BackupFile(string Name, Stream Content);

/// <summary>
/// Makes backups while the portal runs: the database as it is at one moment, and the key ring, encrypted by a passphrase.
/// </summary>
public sealed class BackupService(
    Operations operations,
    IDatabaseCare care,
    StoragePaths paths,
    AuditLog audit,
    TimeProvider time,
    ILogger<BackupService> log
)
{
    private int _underWay;

    /// <summary>Creates a backup. Needs about twice the space of the database while it works.</summary>
    /// <returns>The file; a problem at <c>passphrase</c>; Conflict while another backup is made; Unavailable when there is no
    /// space.</returns>
    public Task<Result<BackupFile>> CreateAsync(Actor actor, string passphrase, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<BackupFile>(
            actor,
            Permission.Admin,
            async principal =>
            {
                if (care.BackupCommand is { } command)
                {
                    return Problem.Conflict($"The portal cannot back up this database. Run: {command}");
                }

                if (passphrase is null or { Length: < BackupPassphrase.Shortest or > BackupPassphrase.Longest })
                {
                    return Problem.AtField(
                        "passphrase",
                        $"A passphrase must have {BackupPassphrase.Shortest} to {BackupPassphrase.Longest} characters."
                    );
                }

                if (Interlocked.Exchange(ref _underWay, 1) == 1)
                {
                    return Problem.Conflict("Another backup is in progress. Try again when it has finished.");
                }

                try
                {
                    var content = await Task.Run(() => Make(passphrase), cancellationToken);
                    log.LogInformation("{Person} created a backup of {Bytes} bytes", principal.Name, content.Length);
                    var name =
                        $"promptpilot-{time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture)}.backup";
                    await audit.WriteAsync(actor, AuditEntry.Of(AuditAction.Exported, AuditCatalog.Backup, null, name), cancellationToken);
                    return new BackupFile(name, content);
                }
                catch (Exception exception) when (exception is IOException or SqliteException or UnauthorizedAccessException)
                {
                    log.LogError(exception, "A backup failed");
                    return new Problem(
                        ProblemKind.Unavailable,
                        $"The backup could not be created: {exception.Message} It needs about twice the size of the database "
                            + "in free space in the data directory.",
                        []
                    );
                }
                finally
                {
                    Volatile.Write(ref _underWay, 0);
                }
            },
            cancellationToken
        );

    private FileStream Make(string passphrase)
    {
        Directory.CreateDirectory(paths.Backups);
        var copy = Path.Combine(paths.Backups, $"{Guid.NewGuid():N}.tmp");
        var archive = new FileStream(
            Path.Combine(paths.Backups, $"{Guid.NewGuid():N}.tmp"),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            1 << 16,
            FileOptions.DeleteOnClose
        );
        try
        {
            DatabaseCopy.Make(paths.Database, copy);
            // The keys after the database: what a copy was encrypted by is among them.
            var keys = Directory.Exists(paths.KeyRing) ? Directory.EnumerateFiles(paths.KeyRing, "*.xml") : [];
            BackupArchive.Write(
                archive,
                passphrase,
                [(BackupArchive.DatabaseEntry, copy), .. keys.Select(key => (BackupArchive.KeysFolder + Path.GetFileName(key), key))]
            );
            archive.Position = 0;
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
