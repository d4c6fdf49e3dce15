using PromptPilot.Core.Models.Faults;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Asks a provider which models it offers.</summary>
public sealed class ModelCatalog(ProviderClients clients)
{
    private const int MostModels = 1000;

    /// <summary>The models by name.</summary>
    /// <exception cref="Exception">As the provider's client throws it; <see cref="ModelFaults.Of"/> knows it.</exception>
    internal async Task<List<OfferedModel>> ListAsync(ModelProfile profile, CancellationToken cancellationToken) =>
        [
            .. (await clients.ListAsync(profile, cancellationToken))
                .Where(model => model.Id is { Length: > 0 and <= 200 })
                .DistinctBy(model => model.Id)
                .OrderBy(model => model.Id, StringComparer.OrdinalIgnoreCase)
                .Take(MostModels),
        ];
}
