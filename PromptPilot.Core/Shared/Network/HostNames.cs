using System.Net;

namespace PromptPilot.Core.Shared.Network;

/// <summary>Resolves host names.</summary>
public class HostNames
{
    /// <exception cref="System.Net.Sockets.SocketException">There is no such name.</exception>
    public virtual Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);
}
