using Microsoft.Extensions.Options;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>
/// Where the settings ask for a second factor, leads people who signed in without one to the page that sets it up. The services refuse them
/// whatever page they reach.
/// </summary>
internal static class SecondFactorGate
{
    public const string Page = "/account/two-factor";

    private static readonly string[] Open =
    [
        Page,
        "/account/passkeys",
        "/account/change-password",
        "/account/sign-in",
        "/account/second-factor",
        "/account/sign-out",
        "/not-found",
        "/error",
    ];

    public static IApplicationBuilder UseSecondFactorGate(this WebApplication app) =>
        app.Use(
            async (http, next) =>
            {
                if (
                    HttpMethods.IsGet(http.Request.Method)
                    && http.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>()
                        is not null
                    && !Open.Contains(http.Request.Path.Value, StringComparer.OrdinalIgnoreCase)
                    && http.RequestServices.GetRequiredService<IOptions<UsersOptions>>().Value.RequireTwoFactor
                    && Session.IdOf(http.User) is { } session
                    && !await http.RequestServices.GetRequiredService<Sessions>().IsStrongAsync(session, http.RequestAborted)
                )
                {
                    http.Response.Redirect(http.Request.PathBase + Page);
                    return;
                }

                await next(http);
            }
        );
}
