using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Files;

/// <summary>Keeps files for what uses them.</summary>
public sealed class FileUses(IDbContextFactory<PromptPilotDbContext> contexts, TimeProvider time)
{
    /// <summary>Keeps the files among values for an owner that is stored afterwards. Nothing to do without files.</summary>
    internal async Task KeepAsync(FileOwner owner, string ownerId, IEnumerable<JsonElement> values, CancellationToken cancellationToken)
    {
        var files = FileReference.In(values);
        if (files.Count == 0)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await AddAsync(db, owner, ownerId, files.Keys, time.GetUtcNow().UtcDateTime, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Adds the uses that are not there yet, in the caller's transaction; the caller saves.</summary>
    internal static async Task AddAsync(
        PromptPilotDbContext db,
        FileOwner owner,
        string ownerId,
        IReadOnlyCollection<string> files,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        if (files.Count == 0)
        {
            return;
        }

        var hashes = files.ToList();
        // First, so that cleaning leaves them alone.
        await db
            .StoredFiles.Where(file => hashes.Contains(file.Hash))
            .ExecuteUpdateAsync(set => set.SetProperty(file => file.LastSentAt, now), cancellationToken);
        var missing = await db
            .StoredFiles.Where(file =>
                hashes.Contains(file.Hash) && !db.FileUses.Any(use => use.Hash == file.Hash && use.Owner == owner && use.OwnerId == ownerId)
            )
            .Select(file => file.Hash)
            .ToListAsync(cancellationToken);
        db.FileUses.AddRange(
            missing.Select(hash => new FileUse
            {
                Hash = hash,
                Owner = owner,
                OwnerId = ownerId,
                CreatedAt = now,
            })
        );
    }
}
