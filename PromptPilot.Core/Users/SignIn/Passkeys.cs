using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>A passkey as its owner sees it.</summary>
/// <param name="Id">The id of the credential, base64url.</param>
public sealed record PasskeyItem(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>
/// Signing in without a password, by WebAuthn. The device asks for a finger, a face or a PIN, so that a passkey is two factors in one.
/// Works only within requests, since the challenge is kept in a cookie, and only for the user of the request.
/// </summary>
public sealed class Passkeys(PortalSignInManager signIn, PasswordSignIn passwords, LocalSignIn local, AuditLog log)
{
    public const int MaxPasskeys = 20;

    private UserManager<User> Users => signIn.UserManager;

    public async Task<IReadOnlyList<PasskeyItem>> ListAsync(string userId) =>
        await Users.FindByIdAsync(userId) is { } user
            ?
            [
                .. (await Users.GetPasskeysAsync(user))
                    .OrderBy(passkey => passkey.CreatedAt)
                    .Select(passkey => new PasskeyItem(
                        Base64Url.EncodeToString(passkey.CredentialId),
                        passkey.Name ?? "Passkey",
                        passkey.CreatedAt
                    )),
            ]
            : [];

    /// <summary>The options that the browser needs to create a passkey, as JSON.</summary>
    public async Task<string?> CreationOptionsAsync(string userId) =>
        await Users.FindByIdAsync(userId) is { IsLocked: false } user
            ? await signIn.MakePasskeyCreationOptionsAsync(
                new PasskeyUserEntity
                {
                    Id = user.Id,
                    Name = user.Email!,
                    DisplayName = user.Name,
                }
            )
            : null;

    public async Task<Result<Done>> AddAsync(string userId, string name, string credential)
    {
        if (PersonRules.Name(name) is { } error)
        {
            return Problem.Invalid("The passkey was not added.", error);
        }

        if (await Users.FindByIdAsync(userId) is not { IsLocked: false } user)
        {
            return Problem.NotFound("account");
        }

        if ((await Users.GetPasskeysAsync(user)).Count >= MaxPasskeys)
        {
            return Problem.Conflict($"You already have {MaxPasskeys} passkeys. Remove one you no longer use.");
        }

        var made = await TryAsync(() => signIn.PerformPasskeyAttestationAsync(credential));
        if (made is not { Succeeded: true } || made.UserEntity.Id != user.Id)
        {
            return Problem.Conflict("The passkey response was not accepted. Try again.");
        }

        AuditScope.Actor = new Actor.Person(user.Id);
        made.Passkey.Name = name.Trim();
        return (await Users.AddOrUpdatePasskeyAsync(user, made.Passkey)).Succeeded
            ? default(Done)
            : Problem.Conflict("This passkey could not be saved. Try again.");
    }

    public async Task<Result<Done>> RemoveAsync(string userId, string id)
    {
        if (await Users.FindByIdAsync(userId) is not { } user || !Base64Url.IsValid(id))
        {
            return Problem.NotFound("passkey");
        }

        AuditScope.Actor = new Actor.Person(user.Id);
        return (await Users.RemovePasskeyAsync(user, Base64Url.DecodeFromChars(id))).Succeeded
            ? default(Done)
            : Problem.NotFound("passkey");
    }

    /// <summary>
    /// The options with which a browser offers its passkeys, as JSON. The same for everyone, so that they do not reveal who has one.
    /// </summary>
    public Task<string> RequestOptionsAsync() => signIn.MakePasskeyRequestOptionsAsync(null);

    public async Task<Result<Done>> SignInAsync(string credential, CancellationToken cancellationToken)
    {
        var found = await TryAsync(() => signIn.PerformPasskeyAssertionAsync(credential));
        if (found is not { Succeeded: true })
        {
            return new Problem(ProblemKind.Unauthenticated, "This passkey is not registered here. Sign in with your password.", []);
        }

        if (found.User.IsLocked)
        {
            await log.WriteAsync(
                Actor.Nobody,
                AuditEntry.Of(AuditAction.SignInFailed, AuditCatalog.User, found.User.Id, found.User.Name),
                cancellationToken
            );
            return Problem.Forbidden("This account is locked. Ask an admin to unlock it.");
        }

        if (!await local.AllowsAsync(found.User, cancellationToken))
        {
            return Problem.Forbidden("Only emergency admins can sign in with a passkey. Sign in with your company account.");
        }

        AuditScope.Actor = new Actor.Person(found.User.Id);
        await Users.AddOrUpdatePasskeyAsync(found.User, found.Passkey);
        await passwords.CompleteAsync(found.User.Id, remember: false, isStrong: true, cancellationToken);
        return default(Done);
    }

    /// <summary>The request is untrusted, so parsing it can throw.</summary>
    private static async Task<T?> TryAsync<T>(Func<Task<T>> act)
        where T : class
    {
        try
        {
            return await act();
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or System.Text.Json.JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
