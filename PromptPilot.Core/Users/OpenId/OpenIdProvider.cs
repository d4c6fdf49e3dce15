using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>The provider's published configuration, as far as it is used.</summary>
internal sealed record OpenIdEndpoints(
    string Issuer,
    string? Authorization,
    string? Token,
    string? UserInfo,
    string? EndSession,
    string? Keys
);

/// <summary>The provider cannot be reached, or its answer cannot be used.</summary>
/// <param name="message">For an admin, without secrets.</param>
internal sealed class OpenIdException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The answer to a refresh token.</summary>
/// <param name="IsRevoked">The provider no longer accepts the token.</param>
/// <param name="Groups">Null when the provider returned nothing about the person.</param>
/// <param name="RefreshToken">Replaces the used one; null: the used one stays valid.</param>
internal sealed record OpenIdRefresh(bool IsRevoked, IReadOnlyCollection<string>? Groups, string? RefreshToken);

/// <summary>Requests to the provider. Each connection is checked, redirects are not followed, and responses have at most 1 MB.</summary>
public sealed class OpenIdProvider : IDisposable
{
    private const string Setting = $"the settings ({OpenIdOptions.Section}:{nameof(OpenIdOptions.AllowedPrivateHosts)})";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;

    public OpenIdProvider(IOptions<OpenIdOptions> options, HostNames names)
    {
        _handler = new AddressGuard(() => options.Value.AllowedPrivateHosts, Setting, names).NewHandler();
        _client = NewClient();
    }

    /// <summary>A client over the checked connections. Disposing of it does not close them.</summary>
    public HttpClient NewClient() => new(_handler, disposeHandler: false) { Timeout = Timeout, MaxResponseContentBufferSize = 1024 * 1024 };

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    /// <exception cref="OpenIdException">It cannot be read, or is another issuer's.</exception>
    internal async Task<OpenIdEndpoints> DiscoverAsync(OpenIdOptions settings, CancellationToken cancellationToken)
    {
        var (status, root) = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, $"{settings.Issuer}/.well-known/openid-configuration"),
            cancellationToken
        );
        if (status != HttpStatusCode.OK)
        {
            throw new OpenIdException($"{settings.Issuer}/.well-known/openid-configuration returned {(int)status}. Check the issuer.");
        }

        var found = new OpenIdEndpoints(
            Text(root, "issuer") ?? "",
            Text(root, "authorization_endpoint"),
            Text(root, "token_endpoint"),
            Text(root, "userinfo_endpoint"),
            Text(root, "end_session_endpoint"),
            Text(root, "jwks_uri")
        );
        return found.Issuer.TrimEnd('/') == settings.Issuer
            ? found
            : throw new OpenIdException($"The provider’s configuration names the issuer “{found.Issuer}”. Enter exactly that.");
    }

    /// <summary>Uses a refresh token, and asks for the groups of its person.</summary>
    /// <exception cref="OpenIdException">The provider cannot be reached.</exception>
    internal async Task<OpenIdRefresh> RefreshAsync(
        OpenIdOptions settings,
        string refreshToken,
        string subject,
        CancellationToken cancellationToken
    )
    {
        var endpoints = await DiscoverAsync(settings, cancellationToken);
        var (status, answer) = await TokenAsync(
            settings,
            endpoints,
            [new("grant_type", "refresh_token"), new("refresh_token", refreshToken)],
            cancellationToken
        );
        if (Text(answer, "access_token") is not { } access)
        {
            return Text(answer, "error") == "invalid_grant"
                ? new OpenIdRefresh(IsRevoked: true, null, null)
                : throw new OpenIdException($"The provider refused a refresh token ({(int)status} {Text(answer, "error")}).");
        }

        var token = Text(answer, "id_token") is { } text ? Claims(text) : null;
        var info = await UserInfoAsync(endpoints, access, cancellationToken);
        return new OpenIdRefresh(IsRevoked: false, GroupsOf(token, info, subject, settings.GroupsClaim), Text(answer, "refresh_token"));
    }

    /// <summary>
    /// The groups of both answers, as at a sign-in: many providers put them into the id_token alone, as Microsoft Entra ID does.
    /// </summary>
    /// <returns>Null without an id_token when the other answer has no such claim: then nothing is known.</returns>
    /// <exception cref="OpenIdException">An answer is about another person.</exception>
    internal static IReadOnlyCollection<string>? GroupsOf(JsonElement? token, JsonElement? info, string subject, string claim)
    {
        JsonElement[] answers = [.. new[] { token, info }.OfType<JsonElement>()];
        if (answers.Any(answer => Text(answer, "sub") != subject))
        {
            throw new OpenIdException("The provider answered for another person.");
        }

        return token is null && !answers.Any(answer => answer.TryGetProperty(claim, out _))
            ? null
            : [.. answers.SelectMany(answer => Texts(answer, claim)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether the provider knows the client and its secret: it is asked to redeem a code that does not exist.</summary>
    /// <returns>Null when it does, otherwise its error.</returns>
    internal async Task<string?> FindClientProblemAsync(
        OpenIdOptions settings,
        OpenIdEndpoints endpoints,
        string redirect,
        CancellationToken cancellationToken
    )
    {
        var (status, answer) = await TokenAsync(
            settings,
            endpoints,
            [
                new("grant_type", "authorization_code"),
                new("code", "test"),
                new("redirect_uri", redirect),
                new("code_verifier", new string('t', 43)),
            ],
            cancellationToken
        );
        return Text(answer, "error") switch
        {
            "invalid_grant" => null,
            { } error => error,
            null => $"status {(int)status}",
        };
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> TokenAsync(
        OpenIdOptions settings,
        OpenIdEndpoints endpoints,
        List<KeyValuePair<string, string>> form,
        CancellationToken cancellationToken
    )
    {
        form.Add(new("client_id", settings.ClientId));
        if (settings.ClientSecret.Length > 0)
        {
            form.Add(new("client_secret", settings.ClientSecret));
        }

        return await SendAsync(
            new HttpRequestMessage(HttpMethod.Post, endpoints.Token) { Content = new FormUrlEncodedContent(form) },
            cancellationToken
        );
    }

    private async Task<JsonElement?> UserInfoAsync(OpenIdEndpoints endpoints, string access, CancellationToken cancellationToken)
    {
        if (endpoints.UserInfo is null)
        {
            return null;
        }

        var request = new HttpRequestMessage(HttpMethod.Get, endpoints.UserInfo);
        request.Headers.Authorization = new("Bearer", access);
        var (status, answer) = await SendAsync(request, cancellationToken);
        return status == HttpStatusCode.OK && answer.ValueKind == JsonValueKind.Object ? answer : null;
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using (request)
            {
                using var response = await _client.SendAsync(request, cancellationToken);
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                return (response.StatusCode, Parse(text));
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OpenIdException($"Timed out after {Timeout.TotalSeconds:0} s waiting for the provider.", exception);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or SocketException or AddressRefusedException or UriFormatException
                || exception is InvalidOperationException or NotSupportedException
            )
        {
            throw new OpenIdException($"The provider cannot be reached: {exception.GetBaseException().Message}", exception);
        }
    }

    /// <summary>A response that is not JSON has no members.</summary>
    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>
    /// The claims of an id_token that came from the token endpoint itself, whose connection proves them (OpenID Connect Core, 3.1.3.7).
    /// </summary>
    private static JsonElement? Claims(string token) =>
        token.Split('.') is [_, var payload, _] && Base64Url.IsValid(payload)
            ? Parse(System.Text.Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload)))
            : null;

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string[] Texts(JsonElement root, string name) =>
        root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
        : [];
}
