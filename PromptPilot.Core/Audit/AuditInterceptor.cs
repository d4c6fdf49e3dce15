using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Audit;

/// <summary>
/// Writes an audit entry for each audited row that EF saves, in the same transaction, so that no service has to. Runs before the write
/// gate is taken, since it reads names.
/// ExecuteUpdate, ExecuteDelete and raw SQL bypass it; a test lists the places that may use them on audited rows, which add their own
/// entries.
/// </summary>
internal sealed class AuditInterceptor(TimeProvider time) : SaveChangesInterceptor
{
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is PromptPilotDbContext db)
        {
            await RecordAsync(db, cancellationToken);
        }

        return result;
    }

    private async Task RecordAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var rows = db.ChangeTracker.Entries().ToList();
        foreach (var leftOver in rows.Where(row => row is { State: EntityState.Added, Entity: AuditEntry { IsDerived: true } }))
        {
            // Entries of a save that failed; its changes are recorded again below.
            leftOver.State = EntityState.Detached;
        }

        var entries = rows.Select(AuditChanges.Of).OfType<AuditEntry>().ToList();
        db.AuditEntries.AddRange(entries);
        entries.AddRange(
            rows.Where(row => row.State == EntityState.Added)
                .Select(row => row.Entity)
                .OfType<AuditEntry>()
                .Where(entry => entry.At == default)
        );
        if (entries.Count == 0)
        {
            return;
        }

        var origin = AuditScope.Origin;
        var actor = AuditScope.Actor ?? origin?.Actor ?? Actor.System;
        var names = await NamesAsync(db, actor, cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var entry in entries)
        {
            (entry.ActorKind, entry.ActorId, entry.ActorName) = (
                names.Kind,
                names.UserId,
                Shorten.Text(names.Name, AuditConfiguration.MaxName)
            );
            (entry.ApiKeyId, entry.ApiKeyName) = (names.KeyId, names.KeyName);
            entry.At = now;
            entry.RemoteAddress = origin?.RemoteAddress is { } address ? Shorten.Text(address, AuditConfiguration.MaxAddress) : null;
            entry.UserAgent = origin?.UserAgent is { } agent ? Shorten.Text(agent, AuditConfiguration.MaxUserAgent) : null;
        }
    }

    private static async Task<Names> NamesAsync(PromptPilotDbContext db, Actor actor, CancellationToken cancellationToken) =>
        actor switch
        {
            Actor.Person person => new Names(AuditActorKind.Person, person.UserId, await NameAsync(db, person.UserId, cancellationToken)),
            Actor.KeyHolder key => new Names(
                AuditActorKind.ApiKey,
                key.UserId,
                await NameAsync(db, key.UserId, cancellationToken),
                key.ApiKeyId,
                await db.ApiKeys.Where(k => k.Id == key.ApiKeyId).Select(k => k.Name).SingleOrDefaultAsync(cancellationToken)
            ),
            Actor.Firing firing => new Names(
                AuditActorKind.Trigger,
                firing.OwnerId,
                await NameAsync(db, firing.OwnerId, cancellationToken)
            ),
            Actor.Host => new Names(AuditActorKind.System, null, "PromptPilot"),
            _ => new Names(AuditActorKind.Nobody, null, ""),
        };

    /// <summary>A user who is being created exists only in the context.</summary>
    private static async Task<string> NameAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken) =>
        db.Users.Local.FirstOrDefault(user => user.Id == userId)?.Name
        ?? await db.Users.Where(user => user.Id == userId).Select(user => user.Name).SingleOrDefaultAsync(cancellationToken)
        ?? userId;

    private sealed record Names(AuditActorKind Kind, string? UserId, string Name, string? KeyId = null, string? KeyName = null);
}
