using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Integrations;

/// <summary>Checks the addresses of hooks. Hooks have their own list of private hosts, because architects create them.</summary>
public sealed class HookAddresses(IOptions<IntegrationsOptions> options, HostNames names)
{
    private const string Setting = $"the settings ({IntegrationsOptions.Section}:{nameof(IntegrationsOptions.AllowedPrivateHosts)})";

    /// <summary>Checks each connection that is made to a hook.</summary>
    internal AddressGuard Guard { get; } = new(() => options.Value.AllowedPrivateHosts, Setting, names);

    /// <summary>The error in an address to post to, or null.</summary>
    internal string? Problem(string url)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.Host.Length == 0
        )
        {
            return "Enter a complete URL that starts with https://.";
        }

        return uri.Fragment.Length > 0 ? "Remove “#” and everything after it: it would not be sent." : Guard.ProblemOf(uri);
    }
}
