using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models;

/// <summary>Where each provider is called, and which addresses a profile may name.</summary>
public sealed class ModelEndpoints(IOptions<NetworkOptions> network, HostNames names)
{
    private const string CallPath = "/chat/completions";
    private const string Setting = $"the settings ({NetworkOptions.Section}:{nameof(NetworkOptions.AllowedPrivateHosts)})";

    /// <summary>Checks each connection that is made to an endpoint.</summary>
    internal AddressGuard Guard { get; } = new(() => network.Value.EffectiveHosts, Setting, names);

    /// <summary>
    /// The base URL to call: the profile's own, else the provider's. Null for the offline model, which is not called over the network.
    /// </summary>
    internal static Uri? Of(ModelProfile profile) =>
        profile.Provider switch
        {
            Providers.Offline => null,
            Providers.OpenAI => new Uri(profile.Endpoint ?? "https://api.openai.com/v1"),
            Providers.Anthropic => new Uri(Without(profile.Endpoint ?? "https://api.anthropic.com", "/messages", "/models", "/v1")),
            Providers.Gemini => WithPath(new Uri(profile.Endpoint ?? "https://generativelanguage.googleapis.com"), "/v1beta/openai"),
            Providers.Ollama => new Uri(Without(profile.Endpoint ?? "http://localhost:11434", "/chat", "/tags", "/api", "/v1") + "/"),
            Providers.AzureOpenAI when profile.Endpoint is not null => WithPath(
                new Uri(Without(profile.Endpoint, "/v1", "/openai")),
                "/openai/v1"
            ),
            _ => profile.Endpoint is null ? null : new Uri(profile.Endpoint),
        };

    /// <summary>
    /// The endpoint as it is stored: without surrounding space, trailing slash or the path of the call itself, which people paste with it.
    /// </summary>
    internal static string? Tidy(string? typed)
    {
        var endpoint = typed?.Trim().TrimEnd('/');
        if (endpoint is null or "")
        {
            return null;
        }

        return endpoint.EndsWith(CallPath, StringComparison.OrdinalIgnoreCase) ? endpoint[..^CallPath.Length] : endpoint;
    }

    /// <summary>
    /// What is wrong with a tidied endpoint, or null. Names are checked again, by what they resolve to, at each connection.
    /// </summary>
    internal string? Problem(string provider, string? endpoint)
    {
        if (endpoint is null)
        {
            return provider switch
            {
                Providers.OpenAICompatible => "Enter the base URL of the server, for example http://localhost:8000/v1.",
                Providers.AzureOpenAI => "Enter the endpoint of your Azure resource, for example https://my-resource.openai.azure.com.",
                _ => null,
            };
        }

        if (provider == Providers.Offline)
        {
            return "The offline model runs inside PromptPilot and has no endpoint. Leave this empty.";
        }

        if (
            !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.Host.Length == 0
        )
        {
            return "Enter a complete URL that starts with https:// or http://.";
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return "Enter the base URL without “?” or “#”.";
        }

        return Guard.ProblemOf(uri);
    }

    private static Uri WithPath(Uri endpoint, string path) => endpoint.AbsolutePath == "/" ? new Uri(endpoint, path) : endpoint;

    /// <summary>Without the ends of paths that the client adds itself, and that people paste with the address.</summary>
    private static string Without(string endpoint, params ReadOnlySpan<string> ends)
    {
        foreach (var end in ends)
        {
            if (endpoint.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                endpoint = endpoint[..^end.Length];
            }
        }

        return endpoint;
    }
}
