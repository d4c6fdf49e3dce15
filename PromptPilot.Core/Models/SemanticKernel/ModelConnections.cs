using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The pooled connections that all profiles share. Nothing is followed, proxied or remembered, and each address is checked.</summary>
internal sealed class ModelConnections : IDisposable
{
    private readonly SocketsHttpHandler _handler;

    public ModelConnections(IOptions<NetworkOptions> network)
    {
        var guard = new AddressGuard(network.Value.EffectiveHosts, $"{NetworkOptions.Section}:{nameof(NetworkOptions.AllowedPrivateHosts)}");
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = 1000,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            ConnectCallback = guard.ConnectAsync,
        };
    }

    public HttpMessageHandler Handler => _handler;

    public void Dispose() => _handler.Dispose();
}
