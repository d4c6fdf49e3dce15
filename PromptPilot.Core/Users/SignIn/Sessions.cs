using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>
/// Starts, validates and ends sessions. A session that has ended is refused at the next action of its pages and at the next request with
/// its cookie.
/// </summary>
public sealed class Sessions(IDbContextFactory<PromptPilotDbContext> contexts, DataVersion version, TimeProvider time)
{
    /// <summary>A cookie that is not used for this long expires.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(14);

    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(5);

    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<Now?>> Find = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, CancellationToken _) =>
            db.Set<Session>().Where(s => s.Id == id).Select(s => new Now(s.UserId, s.LastSeenAt, s.IsStrong)).SingleOrDefault()
    );

    private readonly CommittedCache<Now> _now = new(
        version,
        async (id, cancellationToken) =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await Find(db, id, cancellationToken);
        }
    );

    private sealed record Now(string UserId, DateTime LastSeenAt, bool IsStrong);

    /// <summary>True when a session exists and belongs to that user. Cached until the next commit.</summary>
    public async ValueTask<bool> CountsAsync(string userId, string sessionId, CancellationToken cancellationToken) =>
        await _now.FindAsync(sessionId, cancellationToken) is { } now && now.UserId == userId;

    /// <summary>True when a session has proved a second factor.</summary>
    public async ValueTask<bool> IsStrongAsync(string sessionId, CancellationToken cancellationToken) =>
        await _now.FindAsync(sessionId, cancellationToken) is { IsStrong: true };

    /// <summary>The person of a session has just proved a second factor.</summary>
    internal async Task StrengthenAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db
            .Sessions.Where(s => s.Id == sessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.IsStrong, true), cancellationToken);
    }

    /// <summary>Notes that a session is used, at most every five minutes.</summary>
    public async Task NoteAsync(string sessionId, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow().UtcDateTime;
        if (await _now.FindAsync(sessionId, cancellationToken) is { } now && now.LastSeenAt < at - NoteEvery)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db
                .Sessions.Where(s => s.Id == sessionId)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, at), cancellationToken);
        }
    }

    /// <summary>A new session of a person, from where the request comes; forgets those that are long over.</summary>
    internal async Task<string> BeginAsync(string userId, bool isStrong, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var origin = AuditScope.Origin;
        var session = new Session
        {
            UserId = userId,
            CreatedAt = now,
            LastSeenAt = now,
            IsStrong = isStrong,
            RemoteAddress = origin?.RemoteAddress is { } address ? Shorten.Text(address, AuditConfiguration.MaxAddress) : null,
            UserAgent = origin?.UserAgent is { } agent ? Shorten.Text(agent, AuditConfiguration.MaxUserAgent) : null,
        };
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellationToken);
        var over = now - Life;
        await db.Sessions.Where(s => s.UserId == userId && s.LastSeenAt < over).ExecuteDeleteAsync(cancellationToken);
        return session.Id;
    }

    /// <summary>Ends one session, of whomever; its person has signed out.</summary>
    public async Task EndAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(s => s.Id == sessionId).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Ends all sessions of a person except one, in the context's transaction.</summary>
    /// <returns>The number of sessions.</returns>
    internal static Task<int> EndAllAsync(PromptPilotDbContext db, string userId, string? except, CancellationToken cancellationToken) =>
        db.Sessions.Where(s => s.UserId == userId && s.Id != except).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Ends all sessions of a person except one.</summary>
    internal async Task EndAllAsync(string userId, string? except, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await EndAllAsync(db, userId, except, cancellationToken);
    }
}
