using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users.Setup;

namespace PromptPilot.Core.Users.ApiKeys;

/// <summary>
/// Finds who calls by the key they sent. On the path of each API call: keys are kept in memory until the next commit, so that a revoked one
/// is refused at once.
/// </summary>
public sealed class ApiKeyLookup(
    IDbContextFactory<PromptPilotDbContext> contexts,
    DataVersion version,
    TimeProvider time,
    ILogger<ApiKeyLookup> log
)
{
    /// <summary>Longest time that a call waits until its key's last use is recorded.</summary>
    private static readonly TimeSpan LongestNote = TimeSpan.FromSeconds(1);

    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<Found?>> FindByHash = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string hash, CancellationToken _) =>
            (
                from key in db.ApiKeys
                where key.Hash == hash
                join user in db.Users on key.UserId equals user.Id
                select new Found(key.Id, key.Name, user.Id, key.Scope, key.RevokedAt, key.ExpiresAt, key.LastUsedAt, user.IsLocked)
            ).SingleOrDefault()
    );

    private readonly CommittedCache<Found> _found = new(
        version,
        async (hash, cancellationToken) =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await FindByHash(db, hash, cancellationToken);
        }
    );

    private readonly ConcurrentDictionary<string, DateTime> _noted = new();

    private sealed record Found(
        string Id,
        string Name,
        string UserId,
        Permission Scope,
        DateTime? RevokedAt,
        DateTime? ExpiresAt,
        DateTime? LastUsedAt,
        bool OwnerIsLocked
    );

    /// <summary>The holder of a key; null when it is unknown, revoked or expired, or its owner is locked.</summary>
    public async Task<Actor.KeyHolder?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (await ReadAsync(key, now, cancellationToken) is not { } found)
        {
            return null;
        }

        await NoteUseAsync(found, now, cancellationToken);
        return HolderOf(found);
    }

    /// <summary>The same without a note that the key was used, which is a write: for health checks.</summary>
    public async Task<Actor.KeyHolder?> PeekAsync(string key, CancellationToken cancellationToken) =>
        await ReadAsync(key, time.GetUtcNow().UtcDateTime, cancellationToken) is { } found ? HolderOf(found) : null;

    private static Actor.KeyHolder HolderOf(Found found) => new(found.Id, found.UserId, found.Scope);

    private async Task<Found?> ReadAsync(string key, DateTime now, CancellationToken cancellationToken)
    {
        if (key.Length is 0 or > SetupOptions.MaxKeyLength)
        {
            return null;
        }

        var found = await _found.FindAsync(ApiKeySecret.Hash(key), cancellationToken);
        return found is null || found.RevokedAt is not null || found.ExpiresAt <= now || found.OwnerIsLocked ? null : found;
    }

    /// <summary>Once a minute and key, and by one caller only: a busy key must not write at every call.</summary>
    private async Task NoteUseAsync(Found found, DateTime now, CancellationToken cancellationToken)
    {
        var minute = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        if (found.LastUsedAt >= minute)
        {
            return;
        }

        var isFirst = _noted.TryGetValue(found.Id, out var noted)
            ? noted < minute && _noted.TryUpdate(found.Id, minute, noted)
            : _noted.TryAdd(found.Id, minute);
        if (isFirst)
        {
            try
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                if (found.LastUsedAt is null)
                {
                    AuditScope.Actor = new Actor.KeyHolder(found.Id, found.UserId, found.Scope);
                    db.AuditEntries.Add(AuditEntry.Of(AuditAction.FirstUsed, AuditCatalog.ApiKey, found.Id, found.Name));
                    await db.SaveChangesAsync(cancellationToken);
                }

                // Other writes may keep the database busy for long: the call continues without recording it.
                using var patience = new CancellationTokenSource(LongestNote, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
                await db
                    .ApiKeys.Where(k => k.Id == found.Id)
                    .ExecuteUpdateAsync(k => k.SetProperty(x => x.LastUsedAt, minute), either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogDebug("The last use of API key {Key} was not recorded, because other writes took too long", found.Id);
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException)
            {
                // A statistic must not keep anyone out, for example while the disk is full.
                log.LogWarning(exception, "The last use of API key {Key} could not be recorded", found.Id);
            }
        }
    }
}
