using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>The result of a sign-in so far.</summary>
public enum SignInStep
{
    Done,
    SecondFactor,
}

/// <summary>
/// Signs a user in on this browser. An unknown e-mail, a wrong password and a lockout get the same answer after the same work, so that
/// no one learns who has an account.
/// </summary>
public sealed class PasswordSignIn(
    PortalSignInManager signIn,
    IDbContextFactory<PromptPilotDbContext> contexts,
    SignInLane lane,
    LocalSignIn local,
    OpenIdSessions openId,
    AuditLog log,
    TimeProvider time
)
{
    /// <summary>Checks e-mail and password; too many wrong ones in a row lock the account for a while.</summary>
    /// <returns>The next step: none, or a second factor.</returns>
    public async Task<Result<SignInStep>> TryAsync(string email, string password, bool remember, CancellationToken cancellationToken)
    {
        // One check at a time for an account: wrong passwords sent in parallel are all counted.
        var account = (await signIn.UserManager.FindByEmailAsync(email))?.Id ?? signIn.UserManager.NormalizeEmail(email);
        using var entered = await lane.EnterAsync(account, cancellationToken);
        var user = await signIn.UserManager.FindByEmailAsync(email);
        if (user is null || user.PasswordHash is null || await signIn.UserManager.IsLockedOutAsync(user))
        {
            lane.VerifyUnknown(password);
            await RefusedAsync(user, email, cancellationToken);
            return Refused;
        }

        var check = await signIn.CheckPasswordSignInAsync(user, password, lockoutOnFailure: true);
        if (!check.Succeeded)
        {
            await RefusedAsync(user, email, cancellationToken);
            if (check.IsLockedOut)
            {
                await log.WriteAsync(
                    Actor.Nobody,
                    AuditEntry.Of(AuditAction.LockedOut, AuditCatalog.User, user.Id, user.Name),
                    cancellationToken
                );
            }

            return Refused;
        }

        if (user.IsLocked)
        {
            await RefusedAsync(user, email, cancellationToken);
            return Problem.Forbidden("This account is locked. Ask an admin to unlock it.");
        }

        if (!await local.AllowsAsync(user, cancellationToken))
        {
            // The same answer as for a wrong password: the page tells everyone that passwords are restricted.
            await RefusedAsync(user, email, cancellationToken);
            return Refused;
        }

        if (user.TwoFactorEnabled)
        {
            await signIn.BeginHalfAsync(user, remember);
            return SignInStep.SecondFactor;
        }

        await CompleteAsync(user, remember, isStrong: false, cancellationToken);
        return SignInStep.Done;
    }

    /// <summary>Signs in someone who has just proved who they are.</summary>
    public Task CompleteAsync(string userId, CancellationToken cancellationToken) =>
        CompleteAsync(userId, remember: false, isStrong: false, cancellationToken);

    /// <param name="grant">From the provider that authenticated them; null for a password or passkey.</param>
    internal async Task CompleteAsync(
        string userId,
        bool remember,
        bool isStrong,
        CancellationToken cancellationToken,
        OpenIdGrant? grant = null
    )
    {
        var user = await signIn.UserManager.FindByIdAsync(userId) ?? throw new InvalidOperationException("This user no longer exists.");
        await CompleteAsync(user, remember, isStrong, cancellationToken, grant);
    }

    private Problem Refused => new(ProblemKind.Unauthenticated, $"Wrong e-mail or password. {LockoutWords.Of(signIn.Options.Lockout)}", []);

    /// <summary>An unknown name is recorded only if it is an e-mail address: people type passwords into the wrong field.</summary>
    private Task RefusedAsync(User? user, string email, CancellationToken cancellationToken) =>
        log.WriteAsync(
            Actor.Nobody,
            AuditEntry.Of(
                AuditAction.SignInFailed,
                AuditCatalog.User,
                user?.Id,
                user?.Name ?? (PersonRules.Email(email) is null ? email : "(no e-mail address)")
            ),
            cancellationToken
        );

    private async Task CompleteAsync(
        User user,
        bool remember,
        bool isStrong,
        CancellationToken cancellationToken,
        OpenIdGrant? grant = null
    )
    {
        await signIn.SignInWithClaimsAsync(user, remember, isStrong ? [PortalSignInManager.TwoFactors] : []);
        if (grant is not null && Session.IdOf(signIn.Context.User) is { } session)
        {
            try
            {
                await openId.BeginAsync(session, grant, cancellationToken);
            }
            catch
            {
                // Without this record the provider could not end the session, and no one would ask it about the person again.
                await signIn.SignOutAsync();
                throw;
            }
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.LastLogin, now), cancellationToken);
        await log.WriteAsync(
            new Actor.Person(user.Id),
            AuditEntry.Of(
                AuditAction.SignedIn,
                AuditCatalog.User,
                user.Id,
                user.Name,
                grant is null ? [] : [new AuditChange("openId", null, grant.Issuer)]
            ),
            cancellationToken
        );
    }
}
