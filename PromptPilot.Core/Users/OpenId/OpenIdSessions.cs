using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>Sessions started by the provider: it can end them, and its refresh tokens give access to current groups.</summary>
public sealed class OpenIdSessions(
    IDbContextFactory<PromptPilotDbContext> contexts,
    AuditLog log,
    IDataProtectionProvider protection,
    TimeProvider time
)
{
    private readonly IDataProtector _protector = protection.CreateProtector("PromptPilot.OpenId.RefreshToken");

    internal OpenIdGrant GrantOf(OpenIdIdentity who) =>
        new(who.Issuer, who.Subject, who.ProviderSession, who.RefreshToken is { Length: > 0 } token ? Encrypt(token) : null);

    internal string Encrypt(string token) => _protector.Protect(token);

    /// <summary>Null when its key is no longer in the key ring.</summary>
    internal string? Decrypt(string token)
    {
        try
        {
            return _protector.Unprotect(token);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Records the provider's data for a session.</summary>
    internal async Task BeginAsync(string sessionId, OpenIdGrant grant, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await db.OpenIdSessions.SingleOrDefaultAsync(s => s.SessionId == sessionId, cancellationToken);
        if (row is null)
        {
            row = new OpenIdSession
            {
                SessionId = sessionId,
                Issuer = grant.Issuer,
                Subject = grant.Subject,
            };
            db.OpenIdSessions.Add(row);
        }

        (row.Issuer, row.Subject) = (grant.Issuer, grant.Subject);
        (row.ProviderSession, row.RefreshToken) = (grant.ProviderSession, grant.RefreshToken);
        row.CheckedAt = time.GetUtcNow().UtcDateTime;
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whether a session was started by the provider.</summary>
    public async Task<bool> ContainsAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.OpenIdSessions.AnyAsync(s => s.SessionId == sessionId, cancellationToken);
    }

    /// <summary>The provider signed a person out: of one of its sessions, or of all.</summary>
    /// <param name="subject">Null: the person of that session.</param>
    /// <param name="providerSession">Null: all sessions of the subject.</param>
    public async Task EndAsync(string issuer, string? subject, string? providerSession, CancellationToken cancellationToken)
    {
        if (subject is null && providerSession is null)
        {
            throw new ArgumentException("A subject or a session is required.", nameof(subject));
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await db
            .OpenIdSessions.Where(s =>
                s.Issuer == issuer
                && (subject == null || s.Subject == subject)
                && (providerSession == null || s.ProviderSession == providerSession)
            )
            .Select(s => s.SessionId)
            .ToListAsync(cancellationToken);
        await EndAsync(db, ids, "signed out at the provider", cancellationToken);
    }

    /// <summary>Ends one session, since the provider no longer vouches for its person.</summary>
    internal async Task EndAsync(string sessionId, string reason, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await EndAsync(db, [sessionId], reason, cancellationToken);
    }

    /// <summary>
    /// Claims sessions whose groups are due for a check: many providers revoke a refresh token that is used twice.
    /// </summary>
    internal async Task<IReadOnlyList<OpenIdSession>> TakeDueAsync(TimeSpan interval, int most, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var due = now - interval;
        var taken = new List<OpenIdSession>();
        foreach (
            var row in await db
                .OpenIdSessions.AsNoTracking()
                .Where(s => s.RefreshToken != null && s.CheckedAt <= due)
                .OrderBy(s => s.CheckedAt)
                .Take(most)
                .ToListAsync(cancellationToken)
        )
        {
            var changed = await db
                .OpenIdSessions.Where(s => s.SessionId == row.SessionId && s.CheckedAt == row.CheckedAt)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.CheckedAt, now), cancellationToken);
            if (changed == 1)
            {
                taken.Add(row);
            }
        }

        return taken;
    }

    /// <summary>Ends sessions without a refresh token: the provider can only vouch for their persons at another sign-in.</summary>
    /// <param name="before">UTC; of the sign-in, or of the last check.</param>
    internal async Task EndOldAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await db
            .OpenIdSessions.Where(s => s.RefreshToken == null && s.CheckedAt < before)
            .Select(s => s.SessionId)
            .ToListAsync(cancellationToken);
        if (ids.Count > 0)
        {
            await EndAsync(db, ids, "the provider must be asked again", cancellationToken);
        }
    }

    /// <summary>Drops a refresh token that can no longer be used; the session ends as one without.</summary>
    internal async Task DropTokenAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db
            .OpenIdSessions.Where(s => s.SessionId == sessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RefreshToken, (string?)null), cancellationToken);
    }

    /// <summary>Stores the refresh token that replaces the used one.</summary>
    internal async Task RenewAsync(string sessionId, string refreshToken, CancellationToken cancellationToken)
    {
        var encrypted = Encrypt(refreshToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db
            .OpenIdSessions.Where(s => s.SessionId == sessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RefreshToken, encrypted), cancellationToken);
    }

    private async Task EndAsync(PromptPilotDbContext db, List<string> ids, string reason, CancellationToken cancellationToken)
    {
        var users = await db
            .Sessions.Where(s => ids.Contains(s.Id))
            .Join(db.Users, s => s.UserId, u => u.Id, (s, u) => new { u.Id, u.Name })
            .Distinct()
            .ToListAsync(cancellationToken);
        await db.Sessions.Where(s => ids.Contains(s.Id)).ExecuteDeleteAsync(cancellationToken);
        foreach (var user in users)
        {
            await log.WriteAsync(
                Actor.System,
                AuditEntry.Of(AuditAction.Deleted, AuditCatalog.Session, user.Id, $"{user.Name}: {reason}"),
                cancellationToken
            );
        }
    }
}
