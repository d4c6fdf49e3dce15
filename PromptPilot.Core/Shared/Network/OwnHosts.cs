using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace PromptPilot.Core.Shared.Network;

/// <summary>The names and addresses that are certainly this portal's own, even if only a request mentions them.</summary>
internal static class OwnHosts
{
    private static readonly Lazy<HashSet<string>> Machine = new(NamesOfMachine);

    /// <summary>True when a host is this machine, a name it listens on, or listed in AllowedHosts; <c>*</c> there lists none.</summary>
    public static bool Contains(IConfiguration configuration, string host) =>
        Machine.Value.Contains(host.Trim('[', ']'))
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))
        || Split(configuration["AllowedHosts"]).Any(allowed => IsAllowed(allowed, host))
        || Split(configuration["Urls"])
            .Any(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.IdnHost.Equals(host, StringComparison.OrdinalIgnoreCase));

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static bool IsAllowed(string allowed, string host) =>
        allowed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : allowed.Equals(host, StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> NamesOfMachine()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", Environment.MachineName };
        try
        {
            var properties = IPGlobalProperties.GetIPGlobalProperties();
            names.Add(properties.HostName);
            if (properties.DomainName is { Length: > 0 } domain)
            {
                names.Add($"{properties.HostName}.{domain}");
            }

            foreach (var address in NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses))
            {
                names.Add(address.Address.ToString().Split('%')[0]);
            }
        }
        catch (NetworkInformationException)
        {
            // The system does not know its addresses: then only PublicUrl and AllowedHosts apply.
        }

        return names;
    }
}
