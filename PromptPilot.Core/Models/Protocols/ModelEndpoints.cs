using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Which addresses a profile may name.</summary>
public sealed class ModelEndpoints(IOptions<NetworkOptions> network, HostNames names)
{
    private const string CallPath = "/chat/completions";
    private const string Setting = $"the settings ({NetworkOptions.Section}:{nameof(NetworkOptions.AllowedPrivateHosts)})";

    /// <summary>Checks each connection that is made to an endpoint.</summary>
    internal AddressGuard Guard { get; } = new(() => network.Value.EffectiveHosts, Setting, names);

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
            return Providers.Of(provider).Endpoint.Missing;
        }

        if (Providers.Of(provider).IsBuiltIn)
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
}
