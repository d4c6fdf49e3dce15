using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>
/// Pages identify people by a cookie, the API identifies programs by a key; neither accepts the other's. Everything requires one of them
/// unless it says otherwise.
/// </summary>
internal static class PortalAuthentication
{
    private const string Scheme = "Portal";

    public static IServiceCollection AddPortalAuthentication(this IServiceCollection services)
    {
        services
            .AddAuthentication(authentication =>
            {
                authentication.DefaultScheme = Scheme;
                authentication.DefaultSignInScheme = IdentityConstants.ApplicationScheme;
                authentication.DefaultSignOutScheme = IdentityConstants.ApplicationScheme;
            })
            .AddPolicyScheme(
                Scheme,
                null,
                scheme =>
                    scheme.ForwardDefaultSelector = http =>
                        IsApi(http.Request) ? ApiKeyAuthentication.Scheme : IdentityConstants.ApplicationScheme
            )
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.Scheme, null)
            .AddIdentityCookies();
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme, SetCookie);
        services
            .AddOptions<SecurityStampValidatorOptions>()
            .Configure<IOptions<UsersOptions>>(
                (stamps, users) =>
                {
                    stamps.ValidationInterval = TimeSpan.FromSeconds(users.Value.RevalidationSeconds);
                    stamps.OnRefreshingPrincipal = SessionCookies.KeepSessionAsync;
                }
            );
        services.FollowSettings<SecurityStampValidatorOptions, UsersOptions>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Entrances>();
        services.AddSingleton<RefusalLog>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitAuthentication>();
        services.AddScoped<CurrentActor>();
        return services;
    }

    private static readonly PathString[] ByKey = ["/api", "/v1", "/mcp"];

    private static readonly PathString[] ForPrograms = [.. ByKey, "/hooks", "/openapi", "/health"];

    /// <summary>Called by programs with an API key.</summary>
    public static bool IsApi(HttpRequest request) => IsUnder(request, ByKey);

    /// <summary>Answered with problems in JSON, not with pages: the API and its description, webhook triggers and health checks.</summary>
    public static bool IsForPrograms(HttpRequest request) => IsUnder(request, ForPrograms);

    private static bool IsUnder(HttpRequest request, PathString[] paths) =>
        Array.Exists(paths, path => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));

    private static void SetCookie(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "promptpilot";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = Sessions.Life;
        cookie.Events.OnValidatePrincipal = SessionCookies.ValidateAsync;
        cookie.LoginPath = "/account/sign-in";
        cookie.AccessDeniedPath = "/account/sign-in";
        cookie.ReturnUrlParameter = "returnUrl";
    }
}
