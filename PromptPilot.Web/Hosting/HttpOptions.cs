using System.Net;

namespace PromptPilot.Web.Hosting;

/// <summary>Settings of the HTTP server. Section <c>PromptPilot:Http</c>.</summary>
public sealed class HttpOptions
{
    public const string Section = "PromptPilot:Http";

    /// <summary>
    /// Addresses, or networks as <c>10.0.0.0/8</c>, of reverse proxies whose <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and
    /// <c>X-Forwarded-Prefix</c> are believed. Null: this machine.
    /// </summary>
    public string[]? TrustedProxies { get; set; }

    /// <summary>The path under which a reverse proxy shows the portal, e.g. <c>/promptpilot</c>; empty: the root.</summary>
    public string PathBase { get; set; } = "";

    /// <summary>Tries to sign in, set a password or set up that one address may make in a minute. 1 to 10,000.</summary>
    public int SignInsPerMinute { get; set; } = 30;

    /// <summary>API calls that one address may send in a burst with one key. 1 to 1,000,000.</summary>
    public int ApiBurst { get; set; } = 5000;

    /// <summary>Calls a second that it may continue making. 1 to 1,000,000.</summary>
    public int ApiRequestsPerSecond { get; set; } = 2000;

    /// <summary>Pages that one person may have open at the same time; each keeps memory on the server. 1 to 10,000.</summary>
    public int PagesPerPerson { get; set; } = 10;

    /// <summary>
    /// Pages that lost their connection and are kept for its return, of all people together. Each holds about half a megabyte. 0 to 10,000.
    /// </summary>
    public int LostPages { get; set; } = 100;

    /// <summary>Seconds that such a page is kept. After that it is loaded again, without what was typed in it. 1 to 3,600.</summary>
    public int LostPageSeconds { get; set; } = 180;

    internal IEnumerable<string> EffectiveProxies => TrustedProxies ?? ["127.0.0.0/8", "::1"];

    /// <summary>A network, also of one address; null for what is neither.</summary>
    internal static IPNetwork? ParseProxy(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}
