using System.Net.Mime;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Web.Features.Account;

/// <summary>The account endpoint without a page: ends a session.</summary>
internal static class AccountEndpoints
{
    public static IEndpointRouteBuilder MapAccount(this IEndpointRouteBuilder app)
    {
        // The form field makes the framework demand the antiforgery token.
        app.MapPost(
                "/account/sign-out",
                async (HttpContext http, SignInManager<User> signIn, AuditLog log, OpenIdSessions openId, [FromForm] string? returnUrl) =>
                {
                    // Not cancelled: the session ends even if the browser hangs up.
                    var always = CancellationToken.None;
                    if (http.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } userId)
                    {
                        await log.SignedOutAsync(userId, always);
                    }

                    var isOpenId = Session.IdOf(http.User) is { } session && await openId.ContainsAsync(session, always);
                    await signIn.SignOutAsync();
                    return Results.LocalRedirect(isOpenId ? "~/account/sign-in?signedOut=true" : "~/account/sign-in");
                }
            )
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapPost(
                "/account/passkeys/creation-options",
                async (HttpContext http, Passkeys passkeys, [FromForm(Name = "Form.Name")] string? name) =>
                    http.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } userId
                    && await passkeys.CreationOptionsAsync(userId) is { } options
                        ? Results.Text(options, MediaTypeNames.Application.Json)
                        : Results.Forbid()
            )
            .ExcludeFromDescription();
        app.MapPost(
                "/account/passkeys/request-options",
                async (Passkeys passkeys, [FromForm(Name = "Form.Credential")] string? credential) =>
                    Results.Text(await passkeys.RequestOptionsAsync(), MediaTypeNames.Application.Json)
            )
            .AllowAnonymous()
            .ExcludeFromDescription();
        return app;
    }
}
