using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Core.Settings;

/// <summary>The outcome of a test of the provider.</summary>
/// <param name="Text">What works, or what to change, without secrets.</param>
/// <param name="RedirectUri">To be registered with the provider.</param>
/// <param name="LogoutUri">The back-channel logout URI, to be registered with the provider.</param>
public sealed record OpenIdTest(bool IsOk, string Text, string RedirectUri, string LogoutUri);

/// <summary>Lets admins test the identity provider with the saved settings.</summary>
public sealed class OpenIdTestService(Operations operations, OpenIdProvider provider, PortalAddress portal, IOptions<OpenIdOptions> options)
{
    /// <summary>Reads the provider's configuration and checks that it accepts the client. No one is signed in.</summary>
    public Task<Result<OpenIdTest>> TestAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<OpenIdTest>(
            actor,
            Permission.Admin,
            async _ =>
            {
                var (redirect, logout) = (portal.LinkTo(OpenIdPaths.Callback), portal.LinkTo(OpenIdPaths.Logout));
                var settings = options.Value;
                if (!settings.IsConfigured)
                {
                    return Problem.Conflict("Save an issuer and a client id first.");
                }

                try
                {
                    var text = await TryAsync(settings, redirect, cancellationToken);
                    return new OpenIdTest(text is null, text ?? "The provider responds and accepts this client.", redirect, logout);
                }
                catch (OpenIdException exception)
                {
                    return new OpenIdTest(false, exception.Message, redirect, logout);
                }
            },
            cancellationToken
        );

    private async Task<string?> TryAsync(OpenIdOptions settings, string redirect, CancellationToken cancellationToken)
    {
        var endpoints = await provider.DiscoverAsync(settings, cancellationToken);
        if (endpoints.Authorization is null || endpoints.Token is null || endpoints.Keys is null)
        {
            return "The provider’s configuration lacks an authorization, token or JWKS endpoint. Check the issuer.";
        }

        return await provider.FindClientProblemAsync(settings, endpoints, redirect, cancellationToken) switch
        {
            null => null,
            "invalid_client" or "unauthorized_client" => "The provider does not know this client id, or the secret is wrong. Check both.",
            var error => $"The provider refused a test request ({error}). Check how this client is registered there.",
        };
    }
}
