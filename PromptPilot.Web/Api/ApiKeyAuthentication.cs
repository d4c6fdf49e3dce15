using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;

namespace PromptPilot.Web.Api;

/// <summary><c>Authorization: Bearer KEY</c>. Identifies the caller; the services decide what they may do.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logs,
    UrlEncoder encoder,
    ApiKeyLookup keys
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public new const string Scheme = "ApiKey";

    private const string Bearer = "Bearer ";

    /// <summary>The key that was sent; null when there is none.</summary>
    public static string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyOf(Request) is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        if (await keys.FindAsync(key, Context.RequestAborted) is not { } holder)
        {
            return AuthenticateResult.Fail("This API key is unknown, expired or revoked.");
        }

        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, holder.UserId),
                new Claim(ApiActor.KeyIdClaim, holder.ApiKeyId),
                new Claim(ApiActor.ScopeClaim, holder.Scope.ToString()),
            ],
            Scheme
        );
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isKeySent = KeyOf(Request) is not null;
        Response.Headers.WWWAuthenticate = isKeySent ? "Bearer error=\"invalid_token\"" : "Bearer";
        var message = isKeySent
            ? "This API key is not valid: it is unknown, expired or revoked, or its owner is locked. Create a new one on the Account page."
            : "Send an API key: Authorization: Bearer pp_… Create one on the Account page.";
        return ApiResults.From(new Problem(ProblemKind.Unauthenticated, message, [])).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ApiResults.From(Problem.Forbidden("This API key does not have access.")).ExecuteAsync(Context);
}
