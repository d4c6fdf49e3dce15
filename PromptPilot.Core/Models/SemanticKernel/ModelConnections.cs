namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The pooled connections that all profiles share. Nothing is followed, proxied or remembered, and each address is checked.</summary>
internal sealed class ModelConnections : IDisposable
{
    private readonly SocketsHttpHandler _handler;

    public ModelConnections(ModelEndpoints endpoints)
    {
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = 1000,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            ConnectCallback = endpoints.Guard.ConnectAsync,
        };
    }

    public HttpMessageHandler Handler => _handler;

    public void Dispose() => _handler.Dispose();
}
