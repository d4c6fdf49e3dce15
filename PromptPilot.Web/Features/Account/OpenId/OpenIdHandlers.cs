using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using PromptPilot.Core.Users.OpenId;

namespace PromptPilot.Web.Features.Account.OpenId;

/// <summary>
/// The framework's OpenID Connect handler for one state of the settings. No scheme is registered: the framework would build its options for
/// every request, and load the library in portals that never use it.
/// </summary>
internal sealed class OpenIdHandlers
{
    private const string Name = "OpenId";
    private const string RefreshToken = "promptpilot:refresh-token";
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";
    private static readonly TimeSpan LogoutAge = TimeSpan.FromMinutes(10);
    private static readonly AuthenticationScheme Scheme = new(Name, null, typeof(OpenIdConnectHandler));

    private readonly OpenIdOptions _settings;
    private readonly OpenIdConnectOptions _options;

    // Otherwise changed keys are read in the background, after the answer that was signed with them was refused. The library looks at the
    // switch when it is first used.
    static OpenIdHandlers() => AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);

    /// <param name="received">Answers the browser once the provider has authenticated the person.</param>
    /// <param name="failed">Answers the browser if it has not.</param>
    public OpenIdHandlers(
        OpenIdOptions settings,
        OpenIdProvider provider,
        IDataProtectionProvider protection,
        Func<HttpContext, OpenIdIdentity, TicketReceivedContext, Task> received,
        Func<HttpContext, Exception?, Task> failed
    )
    {
        _settings = settings;
        _options = new OpenIdConnectOptions
        {
            Authority = settings.Issuer,
            ClientId = settings.ClientId,
            ClientSecret = settings.ClientSecret.Length > 0 ? settings.ClientSecret : null,
            RequireHttpsMetadata = settings.Issuer.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase),
            Backchannel = provider.NewClient(),
            SignInScheme = IdentityConstants.ExternalScheme,
            CallbackPath = OpenIdPaths.Callback,
            // With the handler's own path, a GET would be enough to sign anyone out.
            RemoteSignOutPath = default,
            SignedOutCallbackPath = default,
            ResponseType = OpenIdConnectResponseType.Code,
            // A form posted by the provider's page would arrive without Lax cookies.
            ResponseMode = OpenIdConnectResponseMode.Query,
            UsePkce = true,
            MapInboundClaims = false,
            GetClaimsFromUserInfoEndpoint = true,
            DisableTelemetry = true,
            // How soon a key that nobody knows makes the portal read the provider's keys again.
            RefreshInterval = TimeSpan.FromSeconds(1),
        };
        _options.Scope.Clear();
        foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct())
        {
            _options.Scope.Add(scope);
        }

        foreach (var cookie in new[] { _options.CorrelationCookie, _options.NonceCookie })
        {
            (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
        }

        _options.ClaimActions.MapJsonKey(settings.GroupsClaim, settings.GroupsClaim);
        _options.ClaimActions.MapJsonKey("email_verified", "email_verified");
        _options.TokenValidationParameters.ValidAlgorithms = Asymmetric;
        _options.TokenValidationParameters.IssuerValidator = (issuer, _, _) =>
            issuer.TrimEnd('/') == settings.Issuer ? issuer : throw new SecurityTokenInvalidIssuerException("Wrong issuer.");
        _options.Events = new OpenIdConnectEvents
        {
            OnTokenValidated = async context =>
            {
                // The library accepts an unsigned token from the token endpoint, since the connection proves its origin.
                var token = context.TokenEndpointResponse?.IdToken ?? "";
                if (!(await ReadAsync(token, context.HttpContext.RequestAborted)).IsValid)
                {
                    context.Fail("The id_token is not signed by the provider.");
                    return;
                }

                context.HttpContext.Items[RefreshToken] = context.TokenEndpointResponse?.RefreshToken;
            },
            OnTicketReceived = async context =>
            {
                context.HandleResponse();
                await received(context.HttpContext, IdentityOf(context.HttpContext, context.Principal!), context);
            },
            OnRemoteFailure = async context =>
            {
                context.HandleResponse();
                await failed(context.HttpContext, context.Failure);
            },
        };
        new OpenIdConnectPostConfigureOptions(protection).PostConfigure(Name, _options);
        _options.Validate(Name);
    }

    /// <summary>Two seconds in all: a token that a stranger signed does not hold its request for longer.</summary>
    private const int KeyTries = 20;

    private static readonly TimeSpan KeyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>No symmetric ones: others than the provider may know the client secret.</summary>
    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Whether the provider answered, and refused what the portal sent.</summary>
    public static bool IsRefusal(Exception? exception)
    {
        while (exception is not null and not OpenIdConnectProtocolException)
        {
            exception = exception.InnerException;
        }

        return exception is not null;
    }

    /// <summary>Sends the browser to the provider.</summary>
    public async Task ChallengeAsync(HttpContext http, AuthenticationProperties properties) =>
        await (await HandlerAsync(http)).ChallengeAsync(properties);

    /// <summary>Reads the provider's answer; <c>received</c> or <c>failed</c> answers the browser.</summary>
    public async Task ReceiveAsync(HttpContext http) => await (await HandlerAsync(http)).HandleRequestAsync();

    /// <summary>The provider's sign-out page; null if it has none.</summary>
    public async Task<string?> FindSignOutAsync(string returnTo, CancellationToken cancellationToken)
    {
        var configuration = await _options.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
        return configuration.EndSessionEndpoint is { Length: > 0 } page
            ? new OpenIdConnectMessage
            {
                IssuerAddress = page,
                ClientId = _settings.ClientId,
                PostLogoutRedirectUri = returnTo,
            }.CreateLogoutRequestUrl()
            : null;
    }

    /// <summary>Whom a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6) signs out; null: it is not valid.</summary>
    public async Task<(string? Subject, string? ProviderSession)?> ReadLogoutAsync(string token, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(token, cancellationToken);
        if (!read.IsValid || read.SecurityToken is not JsonWebToken jwt)
        {
            return null;
        }

        var isLogout =
            jwt.TryGetPayloadValue<System.Text.Json.JsonElement>("events", out var events)
            && events.ValueKind == System.Text.Json.JsonValueKind.Object
            && events.TryGetProperty(LogoutEvent, out _);
        var subject = jwt.TryGetPayloadValue<string>("sub", out var sub) && sub.Length > 0 ? sub : null;
        var session = jwt.TryGetPayloadValue<string>("sid", out var sid) && sid.Length > 0 ? sid : null;
        return
            isLogout
            && !jwt.TryGetPayloadValue<object>("nonce", out _)
            && jwt.IssuedAt > DateTime.UtcNow - LogoutAge
            && (subject is not null || session is not null)
            ? (subject, session)
            : null;
    }

    /// <summary>A token that the provider signed for this client.</summary>
    private async Task<TokenValidationResult> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var read = await ValidateAsync(token, cancellationToken);
        // The provider may have changed its keys. They are read in the background, and not at once if that was done a moment ago.
        for (var tries = 0; tries < KeyTries && read.Exception is SecurityTokenSignatureKeyNotFoundException; tries++)
        {
            _options.ConfigurationManager!.RequestRefresh();
            await Task.Delay(KeyPause, cancellationToken);
            read = await ValidateAsync(token, cancellationToken);
        }

        return read;
    }

    private async Task<TokenValidationResult> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var configuration = await _options.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
        return await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                IssuerValidator = _options.TokenValidationParameters.IssuerValidator,
                ValidAudience = _settings.ClientId,
                IssuerSigningKeys = configuration.SigningKeys,
                ValidAlgorithms = Asymmetric,
                RequireExpirationTime = false,
            }
        );
    }

    private async Task<OpenIdConnectHandler> HandlerAsync(HttpContext http)
    {
        // No logger: it would log every forged response with a stack trace.
        var handler = new OpenIdConnectHandler(
            new Fixed(_options),
            NullLoggerFactory.Instance,
            System.Text.Encodings.Web.HtmlEncoder.Default,
            System.Text.Encodings.Web.UrlEncoder.Default
        );
        await handler.InitializeAsync(Scheme, http);
        return handler;
    }

    private OpenIdIdentity IdentityOf(HttpContext http, ClaimsPrincipal person)
    {
        // The token and the answer about the person are merged: what they do not agree on is not verified.
        var isVerified = ValuesOf(person, "email_verified") is [var said] && said.Equals("true", StringComparison.OrdinalIgnoreCase);
        var emails = ValuesOf(person, "email");
        return new OpenIdIdentity(
            _settings.Issuer,
            person.FindFirstValue("sub") ?? "",
            isVerified && emails is [var email] ? email : null,
            person.FindFirstValue("name"),
            [.. person.FindAll(_settings.GroupsClaim).Select(claim => claim.Value).Distinct()],
            person.FindFirstValue("sid"),
            http.Items[RefreshToken] as string,
            person.FindAll("amr").Any(claim => claim.Value == "mfa")
        );
    }

    private static List<string> ValuesOf(ClaimsPrincipal person, string claim) =>
        [.. person.FindAll(claim).Select(found => found.Value).Distinct(StringComparer.OrdinalIgnoreCase)];

    private sealed class Fixed(OpenIdConnectOptions options) : IOptionsMonitor<OpenIdConnectOptions>
    {
        public OpenIdConnectOptions CurrentValue => options;

        public OpenIdConnectOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenIdConnectOptions, string?> listener) => null;
    }
}
