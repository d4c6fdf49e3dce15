using System.Net;
using System.Net.Sockets;

namespace PromptPilot.Core.Shared.Network;

/// <summary>The network that an address belongs to.</summary>
internal enum AddressKind
{
    /// <summary>On the internet.</summary>
    Public,

    /// <summary>This machine or a private network: reachable only for hosts that an admin's configuration names.</summary>
    Private,

    /// <summary>Link-local (cloud metadata lives there), multicast, unspecified: never reachable.</summary>
    Forbidden,
}

/// <summary>An outgoing connection was refused because of where its address lies.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);

/// <summary>
/// Opens outgoing connections only to addresses they may reach. The check is on every address the name resolves to and the connection goes
/// to exactly those, so that neither
/// another spelling of an address (decimal, octal, IPv4 inside IPv6) nor a name that resolves differently the second time gets past it.
/// Needs UseProxy=false: behind a proxy only the proxy would be seen.
/// </summary>
internal sealed class AddressGuard(Func<IEnumerable<string>> allowedPrivateHosts, string setting, HostNames names)
{
    /// <summary>The rule for a list of allowed hosts, to follow its key in a sentence.</summary>
    public const string HostsRule =
        "has an entry that is not a host. Write names like models.internal or addresses like 10.0.0.5, without scheme or port.";

    /// <summary>True when a list of allowed hosts contains hosts only. Empty entries are ignored.</summary>
    public static bool AreHosts(IEnumerable<string> allowed) =>
        allowed.All(host => Bare(host) is var name && (name.Length == 0 || Uri.CheckHostName(name) != UriHostNameType.Unknown));

    /// <summary>True when the current list allows a host's private addresses.</summary>
    public bool AllowsPrivate(string host) =>
        allowedPrivateHosts().Select(Bare).Where(name => name.Length > 0).Contains(Bare(host), StringComparer.OrdinalIgnoreCase);

    /// <summary>A handler whose every connection is checked. Nothing is followed, proxied or remembered.</summary>
    public SocketsHttpHandler NewHandler() =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            MaxResponseHeadersLength = 64, // KB
            ConnectCallback = ConnectAsync,
        };

    /// <summary>
    /// The problem of an address before it is called, or null. Names are checked again, by the addresses they resolve to, at each
    /// connection.
    /// </summary>
    public string? ProblemOf(Uri uri)
    {
        if (uri.UserInfo.Length > 0)
        {
            return "Remove the user name and password from the URL. The key has its own field.";
        }

        // As it is connected to: digits of other scripts and the like have become plain ones here.
        var host = uri.IdnHost;
        var isAllowed = AllowsPrivate(host);
        var kind =
            IPAddress.TryParse(Bare(host), out var address) ? Classify(address)
            : IsThisMachine(host) ? AddressKind.Private
            : AddressKind.Public;
        return kind switch
        {
            AddressKind.Forbidden => "This address cannot be called. Enter another one.",
            AddressKind.Private when !isAllowed => $"This is a private address. An admin can allow it in {setting}.",
            _ when !isAllowed && uri.Scheme != Uri.UriSchemeHttps =>
                $"Use https:// so that the traffic is encrypted. Plain http:// is allowed only for hosts listed in {setting}.",
            _ => null,
        };
    }

    /// <summary>The network of an address; IPv4 inside IPv6 (mapped, compatible, 6to4, NAT64, Teredo) is treated as that IPv4.</summary>
    public static AddressKind Classify(IPAddress address)
    {
        if (Embedded(address) is { } inner)
        {
            return Classify(inner);
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => ClassifyV4(address.GetAddressBytes()),
            AddressFamily.InterNetworkV6 => ClassifyV6(address),
            _ => AddressKind.Forbidden,
        };
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressRefusedException">The host resolves to an address it may not have, or would be called without TLS though it
    /// is on no list.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(Bare(host), out var literal)
            ? [literal]
            : await names.ResolveAsync(Bare(host), cancellationToken);
        foreach (var address in addresses)
        {
            Check(host, address);
        }

        // Asked when the address was saved too; the list may have become shorter since.
        if (context.InitialRequestMessage.RequestUri is { } uri && uri.Scheme != Uri.UriSchemeHttps && !AllowsPrivate(host))
        {
            throw new AddressRefusedException(
                $"“{host}” would be called without encryption. Use https://. Plain http:// is allowed only for hosts listed in {setting}."
            );
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Check(string host, IPAddress address)
    {
        switch (Classify(address))
        {
            case AddressKind.Forbidden:
                throw new AddressRefusedException($"“{host}” resolves to {address}, which cannot be called.");
            case AddressKind.Private when !AllowsPrivate(host):
                throw new AddressRefusedException(
                    $"“{host}” resolves to the private address {address}. An admin can allow the host in {setting}."
                );
        }
    }

    /// <summary>RFC 6761: these names always mean this machine, regardless of DNS.</summary>
    private static bool IsThisMachine(string host) =>
        Bare(host) is var name
        && (
            name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        );

    private static string Bare(string host) => host.Trim().TrimStart('[').TrimEnd(']').TrimEnd('.');

    private static AddressKind ClassifyV4(ReadOnlySpan<byte> b) =>
        b switch
        {
            [0, ..] => AddressKind.Forbidden,
            [169, 254, ..] => AddressKind.Forbidden,
            [168, 63, 129, 16] => AddressKind.Forbidden, // Azure's platform address: metadata outside link-local
            [>= 224, ..] => AddressKind.Forbidden, // multicast, reserved, broadcast
            [10, ..] or [127, ..] or [192, 168, ..] => AddressKind.Private,
            [172, >= 16 and <= 31, ..] => AddressKind.Private,
            // CGNAT; Alibaba's metadata
            [100, >= 64 and <= 127, ..] => b[1] == 100 && b[2] == 100 && b[3] == 200 ? AddressKind.Forbidden : AddressKind.Private,
            [192, 0, 0, ..] or [192, 0, 2, ..] or [198, 18 or 19, ..] or [198, 51, 100, ..] or [203, 0, 113, ..] or [192, 88, 99, ..] =>
                AddressKind.Private,
            _ => AddressKind.Public,
        };

    private static AddressKind ClassifyV6(IPAddress address)
    {
        var b = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6None))
        {
            return AddressKind.Forbidden;
        }

        if (address.Equals(MetadataV6))
        {
            return AddressKind.Forbidden;
        }

        // Only 2000::/3 is allocated for the internet, except the documentation space inside it.
        var isGlobal = (b[0] & 0xE0) == 0x20 && !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8);
        return isGlobal ? AddressKind.Public : AddressKind.Private;
    }

    private static readonly IPAddress MetadataV6 = IPAddress.Parse("fd00:ec2::254");

    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var b = address.GetAddressBytes();
        return b switch
        {
            [0x20, 0x02, ..] => new IPAddress(b.AsSpan(2, 4)), // 6to4
            [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, ..] => new IPAddress(b.AsSpan(12, 4)), // NAT64
            [0x20, 0x01, 0, 0, ..] => new IPAddress([(byte)~b[12], (byte)~b[13], (byte)~b[14], (byte)~b[15]]), // Teredo
            // IPv4-compatible
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, var a, var c, var d, var e] when (a | c | d) != 0 => new IPAddress([a, c, d, e]),
            _ => null,
        };
    }
}
