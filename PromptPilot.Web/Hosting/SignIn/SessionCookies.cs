using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>A cookie is valid as long as its session, checked at each request; Identity itself checks only now and then.</summary>
internal static class SessionCookies
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        await SecurityStampValidator.ValidatePrincipalAsync(context);
        var sessions = context.HttpContext.RequestServices.GetRequiredService<Sessions>();
        if (
            context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier) is { } userId
            && Session.IdOf(context.Principal) is { } session
            && await sessions.CountsAsync(userId, session, context.HttpContext.RequestAborted)
        )
        {
            await sessions.NoteAsync(session, context.HttpContext.RequestAborted);
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
    }

    /// <summary>Identity renews the claims of a cookie from the user, which has no session.</summary>
    public static Task KeepSessionAsync(SecurityStampRefreshingPrincipalContext context)
    {
        if (Session.IdOf(context.CurrentPrincipal) is { } session && context.NewPrincipal?.Identity is ClaimsIdentity identity)
        {
            identity.AddClaim(new Claim(Session.Claim, session));
        }

        return Task.CompletedTask;
    }
}
