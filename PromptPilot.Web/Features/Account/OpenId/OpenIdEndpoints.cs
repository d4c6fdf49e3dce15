using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Web.Features.Account.OpenId;

/// <summary>
/// The addresses that browsers and the provider use to sign people in and out. Links lead to the provider, never forms: the
/// content security policy blocks a form that is redirected to another site.
/// </summary>
internal static class OpenIdEndpoints
{
    private const int MaxToken = 16 * 1024;

    /// <summary>Anyone can post one. A token with room for other fields, in bytes.</summary>
    private const int MaxLogout = 2 * MaxToken;

    public static IServiceCollection AddOpenIdPages(this IServiceCollection services) => services.AddSingleton<OpenIdHost>();

    public static void MapOpenId(this IEndpointRouteBuilder app)
    {
        Map(app, OpenIdPaths.Start, (http, host) => host.StartAsync(http, http.Request.Query["returnUrl"], http.Request.Query["link"]));
        Map(app, OpenIdPaths.Callback, (http, host) => host.ReceiveAsync(http));
        Map(app, OpenIdPaths.SignOut, (http, host) => host.SignOutAsync(http));

        // Signed by the provider, and sent without cookies.
        app.MapPost(OpenIdPaths.Logout, LogOutAsync)
            .AllowAnonymous()
            .DisableAntiforgery()
            .WithMetadata(new RequestSizeLimitAttribute(MaxLogout))
            .ExcludeFromDescription();
    }

    private static void Map(IEndpointRouteBuilder app, string path, Func<HttpContext, OpenIdHost, Task> answer) =>
        app.MapGet(
                path,
                async Task<IResult> (HttpContext http, OpenIdHost host) =>
                {
                    if (!host.Settings.IsConfigured)
                    {
                        return Results.NotFound();
                    }

                    await answer(http, host);
                    return Results.Empty;
                }
            )
            .AllowAnonymous()
            .ExcludeFromDescription();

    private static async Task<IResult> LogOutAsync(
        HttpContext http,
        OpenIdHost host,
        OpenIdSessions sessions,
        [FromForm(Name = "logout_token")] string? token
    )
    {
        if (!host.Settings.IsConfigured)
        {
            return Results.NotFound();
        }

        if (token is not { Length: > 0 and <= MaxToken } || await host.ReadLogoutAsync(token, http.RequestAborted) is not { } logout)
        {
            return Results.Json(
                new { error = "invalid_request", error_description = "The logout token is not valid for the configured provider." },
                statusCode: StatusCodes.Status400BadRequest
            );
        }

        await sessions.EndAsync(host.Settings.Issuer, logout.Subject, logout.ProviderSession, CancellationToken.None);
        return Results.Ok();
    }
}
