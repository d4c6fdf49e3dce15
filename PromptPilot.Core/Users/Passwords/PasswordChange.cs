using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Core.Users.Passwords;

/// <summary>
/// Sets a password: with a one-time link, or with the old password. Either ends all other sessions of that person.
/// </summary>
public sealed class PasswordChange(SignInManager<User> signIn, SignInLane lane, Sessions sessions, IOptions<PortalSettings> portal)
{
    private static readonly Problem Used = Problem.Forbidden(
        "This link is no longer valid. If you just set your password, sign in with it. Otherwise ask an admin for a new link."
    );

    /// <summary>True when a link is still valid.</summary>
    public async Task<bool> AcceptsAsync(string? userId, string? token) => await FindAsync(userId, token) is not null;

    public async Task<Result<Done>> SetAsync(string? userId, string? token, string password)
    {
        // One at a time for an account: the second of two clicks finds the link used.
        using var entered = await lane.EnterAsync(userId ?? "", CancellationToken.None);
        if (await FindAsync(userId, token) is not { } found)
        {
            return Used;
        }

        if (PersonRules.Password(password, found.User.Email, portal.Value.Name) is { } error)
        {
            return Problem.Invalid("The password was not set.", error);
        }

        AuditScope.Actor = new Actor.Person(found.User.Id);
        var result = await signIn.UserManager.ResetPasswordAsync(found.User, found.Token, password);
        if (!result.Succeeded)
        {
            // The same link was used at the same moment, as by a double click.
            return Used;
        }

        await sessions.EndAllAsync(found.User.Id, null, CancellationToken.None);
        return default(Done);
    }

    /// <summary>Changes the password of the signed-in user, and keeps this browser signed in.</summary>
    public async Task<Result<Done>> ChangeAsync(string userId, string current, string password, CancellationToken cancellationToken)
    {
        AuditScope.Actor = new Actor.Person(userId);
        using var entered = await lane.EnterAsync(userId, cancellationToken);
        if (await signIn.UserManager.FindByIdAsync(userId) is not { IsLocked: false } user)
        {
            return Problem.NotFound("account");
        }

        if (PersonRules.Password(password, user.Email, portal.Value.Name) is { } error)
        {
            return Problem.Invalid("The password was not changed.", error);
        }

        if (!(await signIn.CheckPasswordSignInAsync(user, current, lockoutOnFailure: true)).Succeeded)
        {
            return Problem.AtField("current", $"This is not your current password. {LockoutWords.Of(signIn.Options.Lockout)}");
        }

        var result = await signIn.UserManager.ChangePasswordAsync(user, current, password);
        if (!result.Succeeded)
        {
            return Problem.AtField("password", string.Join(" ", result.Errors.Select(e => e.Description)));
        }

        await sessions.EndAllAsync(userId, Session.IdOf(signIn.Context.User), CancellationToken.None);
        await signIn.RefreshSignInAsync(user);
        return default(Done);
    }

    private async Task<(User User, string Token)?> FindAsync(string? userId, string? token)
    {
        if (userId is null || token is null || await signIn.UserManager.FindByIdAsync(userId) is not { IsLocked: false } user)
        {
            return null;
        }

        try
        {
            var plain = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token));
            var counts = await signIn.UserManager.VerifyUserTokenAsync(
                user,
                signIn.UserManager.Options.Tokens.PasswordResetTokenProvider,
                UserManager<User>.ResetPasswordTokenPurpose,
                plain
            );
            return counts ? (user, plain) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
