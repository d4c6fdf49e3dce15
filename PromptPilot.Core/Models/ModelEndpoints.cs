using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models;

/// <summary>Where each provider is called, and which addresses a profile may name.</summary>
internal static class ModelEndpoints
{
    private const string CallPath = "/chat/completions";

    /// <summary>The base URL to call: the profile's own, else the provider's. Null for the offline model, which is not called over the network.</summary>
    public static Uri? Of(ModelProfile profile) => profile.Provider switch
    {
        Providers.Offline => null,
        Providers.OpenAI => new Uri(profile.Endpoint ?? "https://api.openai.com/v1"),
        Providers.Ollama => WithVersion(new Uri(profile.Endpoint ?? "http://localhost:11434")),
        _ => profile.Endpoint is null ? null : new Uri(profile.Endpoint),
    };

    /// <summary>The endpoint as it is stored: without surrounding space, trailing slash or the path of the call itself, which people paste with it.</summary>
    public static string? Tidy(string? typed)
    {
        var endpoint = typed?.Trim().TrimEnd('/');
        if (endpoint is null or "")
        {
            return null;
        }

        return endpoint.EndsWith(CallPath, StringComparison.OrdinalIgnoreCase) ? endpoint[..^CallPath.Length] : endpoint;
    }

    /// <summary>What is wrong with a tidied endpoint, or null. Names are checked again, by what they resolve to, at each connection.</summary>
    public static string? Problem(string provider, string? endpoint, AddressGuard guard)
    {
        if (endpoint is null)
        {
            return provider == Providers.OpenAICompatible ? "Enter the base URL of the server, for example http://localhost:8000/v1." : null;
        }

        if (provider == Providers.Offline)
        {
            return "The offline model runs inside PromptPilot and has no endpoint. Leave this empty.";
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
        {
            return "Enter a complete URL that starts with https:// or http://.";
        }

        if (uri.UserInfo.Length > 0)
        {
            return "Leave user name and password out of the URL. The key has its own field.";
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return "Enter the base URL without “?” or “#”.";
        }

        return ProblemOfHost(uri, guard);
    }

    private static string? ProblemOfHost(Uri uri, AddressGuard guard)
    {
        if (guard.AllowsPrivate(uri.Host))
        {
            return System.Net.IPAddress.TryParse(uri.Host.Trim('[', ']'), out var own) && AddressGuard.Classify(own) == AddressKind.Forbidden
                ? "This address is never called." : null;
        }

        if (System.Net.IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && AddressGuard.Classify(address) != AddressKind.Public)
        {
            return AddressGuard.Classify(address) == AddressKind.Forbidden
                ? "This address is never called."
                : $"This is a private address. An admin can allow it in {NetworkOptions.Section}:{nameof(NetworkOptions.AllowedPrivateHosts)}.";
        }

        return uri.Scheme == Uri.UriSchemeHttps
            ? null
            : $"Use https://, so that key and prompts are encrypted on their way. Plain http:// is for hosts listed in {NetworkOptions.Section}:{nameof(NetworkOptions.AllowedPrivateHosts)}.";
    }

    private static Uri WithVersion(Uri endpoint) => endpoint.AbsolutePath == "/" ? new Uri(endpoint, "/v1") : endpoint;
}
