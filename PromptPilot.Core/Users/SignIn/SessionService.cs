using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>A browser on which someone is signed in.</summary>
/// <param name="IsCurrent">The one that asks.</param>
public sealed record SessionItem(
    string Id,
    DateTime CreatedAt,
    DateTime LastSeenAt,
    string? RemoteAddress,
    string? UserAgent,
    bool IsCurrent
);

/// <summary>One's own sessions: private to their person. (An admin ends all of someone's, see <see cref="UserService"/>.)</summary>
public sealed class SessionService(Operations operations, TimeProvider time)
{
    /// <summary>The one that asks first, then by last use.</summary>
    public Task<Result<IReadOnlyList<SessionItem>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<SessionItem>>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var current = (actor as Actor.Person)?.SessionId;
                var over = time.GetUtcNow().UtcDateTime - Sessions.Life;
                var items = await db
                    .Sessions.AsNoTracking()
                    .Where(s => s.UserId == principal.UserId && s.LastSeenAt >= over)
                    .OrderByDescending(s => s.LastSeenAt)
                    .Select(s => new SessionItem(s.Id, s.CreatedAt, s.LastSeenAt, s.RemoteAddress, s.UserAgent, s.Id == current))
                    .ToListAsync(cancellationToken);
                return items.OrderByDescending(item => item.IsCurrent).ToList();
            },
            cancellationToken
        );

    /// <summary>Ends one of one's own sessions.</summary>
    public Task<Result<Done>> EndAsync(Actor actor, string sessionId, CancellationToken cancellationToken) =>
        EndAsync(actor, sessionId, null, cancellationToken);

    /// <summary>Ends all of one's own sessions but the one that asks.</summary>
    public Task<Result<Done>> EndOthersAsync(Actor actor, CancellationToken cancellationToken) =>
        EndAsync(actor, null, (actor as Actor.Person)?.SessionId, cancellationToken);

    private Task<Result<Done>> EndAsync(Actor actor, string? only, string? except, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var ended = await db
                    .Sessions.Where(s => s.UserId == principal.UserId && s.Id != except && (only == null || s.Id == only))
                    .ExecuteDeleteAsync(cancellationToken);
                if (ended == 0)
                {
                    return only is null ? default(Done) : Problem.NotFound("session");
                }

                db.AuditEntries.Add(
                    AuditEntry.Of(
                        AuditAction.Deleted,
                        AuditCatalog.Session,
                        only,
                        ended == 1 ? "one of their own" : $"{ended} of their own"
                    )
                );
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
}
