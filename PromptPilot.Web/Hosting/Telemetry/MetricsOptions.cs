using System.Net;

namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>
/// Who may read <c>/metrics</c>. Section <c>PromptPilot:Metrics</c>. With neither a key nor a network, the address does not exist.
/// </summary>
public sealed class MetricsOptions
{
    public const string Section = "PromptPilot:Metrics";
    public const int LeastKey = 24;

    /// <summary>The bearer token that a reader must send. At least 24 characters.</summary>
    public string? Key { get; set; }

    /// <summary>Addresses or networks, e.g. <c>10.0.0.0/8</c>, that may read. If a key is set too, both are required.</summary>
    public string[]? Networks { get; set; }

    internal bool IsOn => Key is { Length: > 0 } || Networks is { Length: > 0 };

    internal bool Admits(IPAddress? address) =>
        Networks is not { Length: > 0 } networks
        || (
            address is not null
            && networks
                .Select(HttpOptions.ParseProxy)
                .Any(network => network?.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address) == true)
        );
}
