namespace PromptPilot.Core.Models.Protocols;

/// <summary>
/// The pooled connections that all profiles share. Nothing is followed, proxied or remembered, and each address is checked.
/// </summary>
public sealed class ModelConnections : IDisposable
{
    private readonly HttpMessageHandler _handler;

    public ModelConnections(ModelEndpoints endpoints)
    {
        var handler = endpoints.Guard.NewHandler();
        handler.MaxConnectionsPerServer = 1000;
        _handler = handler;
    }

    /// <summary>For tests without a network.</summary>
    internal ModelConnections(HttpMessageHandler handler) => _handler = handler;

    internal HttpMessageHandler Handler => _handler;

    public void Dispose() => _handler.Dispose();
}
