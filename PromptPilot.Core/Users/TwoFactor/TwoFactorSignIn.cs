using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>
/// The second step of a sign-in: a code from the app, or a recovery code, each of which works once. Wrong ones are counted with wrong
/// passwords.
/// </summary>
public sealed class TwoFactorSignIn(
    PortalSignInManager signIn,
    PasswordSignIn passwords,
    SignInLane lane,
    TotpKeys keys,
    AuditLog log,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    TimeProvider time
)
{
    /// <summary>True if a password was just accepted in this browser, so that only a code is missing.</summary>
    public async Task<bool> IsOpenAsync() => await signIn.FindHalfSignedInAsync() is not null;

    public async Task<Result<Done>> TryAsync(string code, CancellationToken cancellationToken)
    {
        if (await signIn.FindHalfSignedInAsync() is not { } half)
        {
            return Problem.Forbidden("This sign-in has expired. Sign in again with your password.");
        }

        using var entered = await lane.EnterAsync(half.UserId, cancellationToken);
        var user = await signIn.UserManager.FindByIdAsync(half.UserId);
        if (user is null || user.SecurityStamp != half.Stamp || user.IsLocked || await signIn.UserManager.IsLockedOutAsync(user))
        {
            return Problem.Forbidden(
                $"This account is locked for now. Sign in again with your password in {LockoutWords.Minutes(signIn.Options.Lockout)}."
            );
        }

        if (!await SpendAsync(user.Id, code, cancellationToken))
        {
            await signIn.UserManager.AccessFailedAsync(user);
            await log.WriteAsync(
                Actor.Nobody,
                AuditEntry.Of(
                    AuditAction.SignInFailed,
                    AuditCatalog.User,
                    user.Id,
                    user.Name,
                    new AuditChange("secondFactor", null, "wrong code")
                ),
                cancellationToken
            );
            return Problem.AtField("code", "This code is wrong or was already used. Wait for the next one.");
        }

        await signIn.UserManager.ResetAccessFailedCountAsync(user);
        await signIn.EndHalfAsync();
        await passwords.CompleteAsync(user.Id, half.Remember, isStrong: true, cancellationToken, half.Grant);
        return default(Done);
    }

    /// <summary>Consumes a code in one transaction, so that it never works again, even in parallel requests.</summary>
    private async Task<bool> SpendAsync(string userId, string code, CancellationToken cancellationToken)
    {
        AuditScope.Actor = new Actor.Person(userId);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var user = await db.Users.SingleAsync(u => u.Id == userId, cancellationToken);
        if (user is not { TwoFactorEnabled: true, TotpKey: { } key })
        {
            return false;
        }

        var hash = RecoveryCodes.Hash(code);
        if (Totp.Match(keys.Unprotect(key), code, time.GetUtcNow(), user.TotpStep) is { } step)
        {
            user.TotpStep = step;
        }
        else if (user.RecoveryCodes.Contains(hash))
        {
            user.RecoveryCodes = [.. user.RecoveryCodes.Where(kept => kept != hash)];
        }
        else
        {
            return false;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
