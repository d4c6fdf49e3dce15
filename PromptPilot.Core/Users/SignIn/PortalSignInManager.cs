using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>Identity's sign-in, with a session for each cookie. Every way of signing in passes through it.</summary>
public sealed class PortalSignInManager(
    UserManager<User> users,
    IHttpContextAccessor http,
    IUserClaimsPrincipalFactory<User> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<User>> log,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<User> confirmation,
    Sessions sessions
) : SignInManager<User>(users, http, claims, options, log, schemes, confirmation)
{
    /// <summary>The claim of a sign-in with a second factor (RFC 8176).</summary>
    internal static readonly Claim TwoFactors = new("amr", "mfa");

    public override async Task SignInWithClaimsAsync(
        User user,
        AuthenticationProperties? authenticationProperties,
        IEnumerable<Claim> additionalClaims
    )
    {
        var claimed = additionalClaims.ToList();

        // A cookie that is renewed keeps its session.
        var kept = Context.User.FindFirstValue(ClaimTypes.NameIdentifier) == user.Id ? Session.IdOf(Context.User) : null;
        if (kept is null && Session.IdOf(Context.User) is { } left)
        {
            // Someone else signs in on this browser: pages that the previous user left open must not act any longer.
            await sessions.EndAsync(left, CancellationToken.None);
        }

        var session =
            kept is not null && await sessions.CountsAsync(user.Id, kept, CancellationToken.None)
                ? kept
                : await sessions.BeginAsync(
                    user.Id,
                    claimed.Any(claim => claim.Type == TwoFactors.Type && claim.Value == TwoFactors.Value),
                    CancellationToken.None
                );
        await base.SignInWithClaimsAsync(user, authenticationProperties, claimed.Append(new Claim(Session.Claim, session)));
    }

    public override async Task SignOutAsync()
    {
        if (Session.IdOf(Context.User) is { } session)
        {
            await sessions.EndAsync(session, CancellationToken.None);
        }

        await base.SignOutAsync();
    }

    /// <summary>Notes on this browser, for some minutes, whose password was right and whose second factor is missing.</summary>
    /// <param name="grant">From the provider that authenticated them; null for a password.</param>
    internal Task BeginHalfAsync(User user, bool remember, OpenIdGrant? grant = null)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, user.Id),
                new Claim(StampClaim, user.SecurityStamp ?? ""),
                new Claim(ClaimTypes.IsPersistent, remember ? "true" : "false"),
                .. grant is null ? Array.Empty<Claim>() : [new Claim(GrantClaim, JsonSerializer.Serialize(grant))],
            ],
            IdentityConstants.TwoFactorUserIdScheme
        );
        return Context.SignInAsync(IdentityConstants.TwoFactorUserIdScheme, new ClaimsPrincipal(identity));
    }

    internal async Task<HalfSignedIn?> FindHalfSignedInAsync()
    {
        var found = await Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);
        return found.Principal?.FindFirstValue(ClaimTypes.Name) is { } userId
            ? new HalfSignedIn(
                userId,
                found.Principal.FindFirstValue(StampClaim) ?? "",
                found.Principal.FindFirstValue(ClaimTypes.IsPersistent) == "true",
                found.Principal.FindFirstValue(GrantClaim) is { } grant ? JsonSerializer.Deserialize<OpenIdGrant>(grant) : null
            )
            : null;
    }

    internal Task EndHalfAsync() => Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);

    private string StampClaim => Options.ClaimsIdentity.SecurityStampClaimType;

    private const string GrantClaim = "promptpilot:openid";

    /// <summary>A person whose password was right, or whom the provider authenticated.</summary>
    internal sealed record HalfSignedIn(string UserId, string Stamp, bool Remember, OpenIdGrant? Grant);
}
