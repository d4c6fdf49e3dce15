namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// The pooled connections that all profiles share. Nothing is followed, proxied or remembered, and each address is checked.
/// </summary>
public sealed class ModelConnections : IDisposable
{
    private readonly SocketsHttpHandler _handler;

    public ModelConnections(ModelEndpoints endpoints)
    {
        _handler = endpoints.Guard.NewHandler();
        _handler.MaxConnectionsPerServer = 1000;
    }

    internal HttpMessageHandler Handler => _handler;

    public void Dispose() => _handler.Dispose();
}
