using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users;

/// <summary>The person behind an actor, as the database has them now. The host itself has no user.</summary>
public sealed record Principal(string? UserId, string Name, Role Role);

/// <summary>
/// Answers whether an actor may do something: the one place where the permission matrix is code. People and keys are kept in memory until
/// the next commit.
/// </summary>
public sealed class Access(
    IDbContextFactory<PromptPilotDbContext> contexts,
    DataVersion version,
    Sessions sessions,
    IOptions<UsersOptions> options,
    TimeProvider time
)
{
    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<UserNow?>> FindUser = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, CancellationToken _) =>
            db.Users.Where(u => u.Id == id).Select(u => new UserNow(u.Id, u.Name, u.Role, u.IsLocked)).SingleOrDefault()
    );

    private static readonly Func<PromptPilotDbContext, string, CancellationToken, Task<KeyNow?>> FindKey = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, CancellationToken _) =>
            db.ApiKeys.Where(k => k.Id == id).Select(k => new KeyNow(k.UserId, k.RevokedAt, k.ExpiresAt)).SingleOrDefault()
    );

    private readonly CommittedCache<UserNow> _users = new(
        version,
        (id, cancellationToken) => LoadAsync(contexts, FindUser, id, cancellationToken)
    );
    private readonly CommittedCache<KeyNow> _keys = new(
        version,
        (id, cancellationToken) => LoadAsync(contexts, FindKey, id, cancellationToken)
    );

    private sealed record UserNow(string Id, string Name, Role Role, bool IsLocked);

    private sealed record KeyNow(string UserId, DateTime? RevokedAt, DateTime? ExpiresAt);

    /// <summary>True when a role may do something, by the matrix alone.</summary>
    public static bool Allows(Role role, Permission permission) =>
        permission switch
        {
            Permission.Read => true,
            Permission.Report or Permission.Run => role >= Role.Collaborator,
            Permission.Write => role >= Role.Architect,
            Permission.Admin => role >= Role.Admin,
        };

    /// <summary>Checks the actor against the user as the database has them now.</summary>
    /// <returns>The person behind the actor; <see cref="ProblemKind.Unauthenticated"/> for nobody, a deleted or a locked user, a revoked
    /// key; <see cref="ProblemKind.Forbidden"/> when role or scope do not allow it.</returns>
    public Task<Result<Principal>> RequireAsync(Actor actor, Permission permission, CancellationToken cancellationToken) =>
        RequireAsync(actor, permission, evenWeak: false, cancellationToken);

    /// <inheritdoc cref="RequireAsync(Actor, Permission, CancellationToken)"/>
    /// <param name="evenWeak">Also allowed without a required second factor, to set it up.</param>
    internal Task<Result<Principal>> RequireAsync(Actor actor, Permission permission, bool evenWeak, CancellationToken cancellationToken)
    {
        // Not an async method: what it sets here counts in the method that asks, see AuditScope.
        AuditScope.Actor = actor;
        return CheckAsync(actor, permission, evenWeak, cancellationToken);
    }

    private async Task<Result<Principal>> CheckAsync(Actor actor, Permission permission, bool evenWeak, CancellationToken cancellationToken)
    {
        if (actor is Actor.Host)
        {
            return new Principal(null, "PromptPilot", Role.Admin);
        }

        var userId = actor switch
        {
            Actor.Person person => person.UserId,
            Actor.KeyHolder key => key.UserId,
            Actor.Firing firing => firing.OwnerId,
            _ => null,
        };
        if (userId is null)
        {
            return new Problem(ProblemKind.Unauthenticated, "Sign in first.", []);
        }

        var user = await _users.FindAsync(userId, cancellationToken);
        if (user is null || user.IsLocked)
        {
            return new Problem(
                ProblemKind.Unauthenticated,
                user is null ? "This account no longer exists." : "This account is locked. Ask an admin to unlock it.",
                []
            );
        }

        if (actor is Actor.Person { SessionId: { } sessionId } && !await sessions.CountsAsync(userId, sessionId, cancellationToken))
        {
            return new Problem(ProblemKind.Unauthenticated, "Your session has ended. Sign in again.", []);
        }

        if (
            options.Value.RequireTwoFactor
            && !evenWeak
            && actor is Actor.Person { SessionId: { } weak }
            && !await sessions.IsStrongAsync(weak, cancellationToken)
        )
        {
            return Problem.Forbidden("A second factor is required here. Set it up at /account/two-factor.");
        }

        if (actor is Actor.KeyHolder holder)
        {
            if (!await IsAliveAsync(holder, cancellationToken))
            {
                return new Problem(ProblemKind.Unauthenticated, "This API key was revoked or has expired.", []);
            }

            if (permission > holder.Scope)
            {
                return Problem.Forbidden(
                    $"This API key's scope is “{Word(holder.Scope)}”; this needs “{Word(permission)}”. Use another key."
                );
            }
        }

        return Allows(user.Role, permission)
            ? new Principal(user.Id, user.Name, user.Role)
            : Problem.Forbidden($"Your role is {Word(user.Role)}, which does not allow this. Ask an admin.");
    }

    private async ValueTask<bool> IsAliveAsync(Actor.KeyHolder holder, CancellationToken cancellationToken) =>
        await _keys.FindAsync(holder.ApiKeyId, cancellationToken) is { RevokedAt: null } key
        && key.UserId == holder.UserId
        && (key.ExpiresAt is null || key.ExpiresAt > time.GetUtcNow().UtcDateTime);

    private static async Task<T?> LoadAsync<T>(
        IDbContextFactory<PromptPilotDbContext> contexts,
        Func<PromptPilotDbContext, string, CancellationToken, Task<T?>> query,
        string id,
        CancellationToken cancellationToken
    )
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await query(db, id, cancellationToken);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
