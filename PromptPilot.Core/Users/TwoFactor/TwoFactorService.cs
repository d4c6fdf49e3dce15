using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>The state of a user's second factor.</summary>
/// <param name="RecoveryCodesLeft">Number of unused recovery codes.</param>
public sealed record TwoFactorState(bool IsOn, int RecoveryCodesLeft);

/// <summary>Data for an authenticator app: the address in the QR code, or the key to type.</summary>
public sealed record TwoFactorOffer(string Uri, string Key);

/// <summary>
/// One's own second factor. Switching it off, and new recovery codes, ask for the password: a browser left open must not be enough.
/// </summary>
public sealed class TwoFactorService(
    Access access,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    IServiceScopeFactory scopes,
    TotpKeys keys,
    Sessions sessions,
    TimeProvider time
)
{
    public async Task<Result<TwoFactorState>> FindAsync(Actor actor, CancellationToken cancellationToken)
    {
        var principal = await access.RequireAsync(actor, Permission.Read, evenWeak: true, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == principal.Value.UserId, cancellationToken) is { } user
            ? new TwoFactorState(user.TwoFactorEnabled, user.RecoveryCodes.Count)
            : Problem.NotFound("account");
    }

    /// <summary>Creates a key for an app. It takes effect when <see cref="ConfirmAsync"/> gets a code from it.</summary>
    public Task<Result<TwoFactorOffer>> OfferAsync(Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<TwoFactorOffer>(
            actor,
            user =>
            {
                if (user.TwoFactorEnabled)
                {
                    return Problem.Conflict("Two-factor authentication is already on. Turn it off before you set up another app.");
                }

                var key = Totp.NewKey();
                (user.TotpKey, user.TotpStep) = (keys.Protect(key), 0);
                return new TwoFactorOffer(Totp.Uri(key, user.Email!), Totp.ToBase32(key));
            },
            cancellationToken
        );

    /// <summary>Switches two-factor on, with a code of the app that proves it has the key.</summary>
    /// <returns>The recovery codes, this once.</returns>
    public async Task<Result<IReadOnlyList<string>>> ConfirmAsync(Actor actor, string code, CancellationToken cancellationToken)
    {
        var codes = await ChangeAsync<IReadOnlyList<string>>(
            actor,
            user =>
            {
                if (user.TwoFactorEnabled)
                {
                    return Problem.Conflict("Two-factor authentication is already on.");
                }

                if (user.TotpKey is null)
                {
                    return Problem.Conflict("There is no setup key yet. Set up an authenticator app first.");
                }

                if (Totp.Match(keys.Unprotect(user.TotpKey), code, time.GetUtcNow(), user.TotpStep) is not { } step)
                {
                    return Problem.AtField(
                        "code",
                        "This is not the current code. Check that your phone's clock is right, then enter the code the app shows now."
                    );
                }

                (user.TwoFactorEnabled, user.TotpStep) = (true, step);
                return NewCodes(user);
            },
            cancellationToken
        );
        if (codes.IsOk && actor is Actor.Person { SessionId: { } session })
        {
            await sessions.StrengthenAsync(session, cancellationToken);
        }

        return codes;
    }

    /// <summary>New recovery codes in place of the old ones.</summary>
    public Task<Result<IReadOnlyList<string>>> RenewCodesAsync(Actor actor, string password, CancellationToken cancellationToken) =>
        WithPasswordAsync<IReadOnlyList<string>>(
            actor,
            password,
            user => user.TwoFactorEnabled ? NewCodes(user) : Problem.Conflict("Two-factor authentication is off."),
            cancellationToken
        );

    public Task<Result<Done>> SwitchOffAsync(Actor actor, string password, CancellationToken cancellationToken) =>
        WithPasswordAsync<Done>(
            actor,
            password,
            user =>
            {
                (user.TwoFactorEnabled, user.TotpKey, user.TotpStep, user.RecoveryCodes) = (false, null, 0, []);
                return default(Done);
            },
            cancellationToken
        );

    private static Result<IReadOnlyList<string>> NewCodes(User user)
    {
        var codes = RecoveryCodes.New();
        user.RecoveryCodes = [.. codes.Select(RecoveryCodes.Hash)];
        return codes.ToList();
    }

    private async Task<Result<T>> WithPasswordAsync<T>(
        Actor actor,
        string password,
        Func<User, Result<T>> change,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, Permission.Read, evenWeak: true, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        // One check at a time for an account, and wrong ones count as at the sign-in.
        await using var scope = scopes.CreateAsyncScope();
        var lane = scope.ServiceProvider.GetRequiredService<SignInLane>();
        using var entered = await lane.EnterAsync(principal.Value.UserId ?? "", cancellationToken);
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        if (actor is not Actor.Person || await users.FindByIdAsync(principal.Value.UserId ?? "") is not { } user)
        {
            return Problem.Forbidden("This can only be changed on the Account page.");
        }

        if (await users.IsLockedOutAsync(user) || !await users.CheckPasswordAsync(user, password))
        {
            await users.AccessFailedAsync(user);
            return Problem.AtField("password", $"Wrong password. {LockoutWords.Of(users.Options.Lockout)}");
        }

        return await ChangeAsync(actor, change, cancellationToken);
    }

    private async Task<Result<T>> ChangeAsync<T>(Actor actor, Func<User, Result<T>> change, CancellationToken cancellationToken)
    {
        var principal = await access.RequireAsync(actor, Permission.Read, evenWeak: true, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        if (actor is not Actor.Person)
        {
            return Problem.Forbidden("This can only be changed on the Account page.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        if (await db.Users.SingleOrDefaultAsync(u => u.Id == principal.Value.UserId, cancellationToken) is not { } user)
        {
            return Problem.NotFound("account");
        }

        var result = change(user);
        if (result.IsOk)
        {
            user.ConcurrencyStamp = Guid.NewGuid().ToString();
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }
}
