using Microsoft.Extensions.AI;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Calls models, and lists them, for the providers that are reached over the network.</summary>
public sealed class ProviderClients(ModelConnections connections, ModelKeys keys, TimeProvider time)
{
    /// <summary>A client for a profile's calls; null for a built-in model.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    internal IChatClient? For(ModelProfile profile) =>
        Providers.Of(profile.Provider) is { Protocol: { } protocol } provider
            ? protocol.Client(Connect(profile, provider, protocol))
            : null;

    /// <summary>The models that a profile's provider offers, in any order.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    internal async Task<IReadOnlyList<OfferedModel>> ListAsync(ModelProfile profile, CancellationToken cancellationToken)
    {
        var provider = Providers.Of(profile.Provider);
        return provider.Protocol is { } protocol
            ? await protocol.ListAsync(Connect(profile, provider, protocol), cancellationToken)
            : [new OfferedModel(provider.ModelHint, null)];
    }

    private ProviderConnection Connect(ModelProfile profile, ProviderDescriptor provider, ModelProtocol protocol)
    {
        var key = profile.ApiKey is null ? null : keys.Decrypt(profile.ApiKey);
        return new ProviderConnection(
            profile,
            provider,
            new ModelHttpHandler(connections.Handler, protocol, provider.KeyHeader, key, time) { Extras = RequestExtras.Of(profile, keys) },
            key
        );
    }
}
