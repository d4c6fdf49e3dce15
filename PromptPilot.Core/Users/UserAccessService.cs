using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users;

/// <summary>
/// How an admin takes from someone what they sign in with: open sessions, a password that is known, a phone that is lost.
/// </summary>
public sealed class UserAccessService(Operations operations)
{
    /// <summary>Signs a person out everywhere. Earlier links to set a password are no longer valid.</summary>
    public Task<Result<Done>> EndSessionsAsync(Actor actor, string userId, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            userId,
            async (db, user) =>
            {
                var ended = await Sessions.EndAllAsync(db, userId, null, cancellationToken);
                db.AuditEntries.Add(AuditEntry.Of(AuditAction.Deleted, AuditCatalog.Session, userId, $"{ended} of {user.Name}"));
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>
    /// Takes the password away and signs the person out everywhere; they need a new link. Never of oneself, nor of the last admin who can
    /// sign in.
    /// </summary>
    public Task<Result<Done>> RemovePasswordAsync(Actor actor, string userId, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            userId,
            async (db, user) =>
            {
                if ((actor is Actor.Person me && me.UserId == userId) || (actor is Actor.KeyHolder key && key.UserId == userId))
                {
                    return Problem.Conflict("Change your own password on the Account page.");
                }

                if (await LastAdmin.IsAsync(db, user, cancellationToken))
                {
                    return LastAdmin.Problem;
                }

                user.PasswordHash = null;
                await Sessions.EndAllAsync(db, userId, null, cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>Switches a person's second factor off, when phone and recovery codes are lost.</summary>
    public Task<Result<Done>> RemoveSecondFactorAsync(Actor actor, string userId, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            userId,
            (_, user) =>
            {
                if (!user.TwoFactorEnabled)
                {
                    return Task.FromResult<Result<Done>>(Problem.Conflict("Two-factor authentication is off for this user."));
                }

                (user.TwoFactorEnabled, user.TotpKey, user.TotpStep, user.RecoveryCodes) = (false, null, 0, []);
                return Task.FromResult<Result<Done>>(default(Done));
            },
            cancellationToken
        );

    private Task<Result<Done>> ChangeAsync(
        Actor actor,
        string userId,
        Func<PromptPilotDbContext, User, Task<Result<Done>>> change,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                if (await db.Users.SingleOrDefaultAsync(u => u.Id == userId, cancellationToken) is not { } user)
                {
                    return Problem.NotFound("user");
                }

                var result = await change(db, user);
                if (result.IsOk)
                {
                    SecurityStamps.Rotate(user);
                    await db.SaveChangesAsync(cancellationToken);
                }

                return result;
            },
            cancellationToken
        );
}
