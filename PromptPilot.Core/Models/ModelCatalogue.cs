using Anthropic.Models.Models;
using PromptPilot.Core.Models.SemanticKernel;

namespace PromptPilot.Core.Models;

/// <summary>Asks a provider which models it offers.</summary>
public sealed class ModelCatalogue(ProviderClients clients)
{
    private const int MostModels = 1000;

    /// <summary>Kinds of models at OpenAI that do not chat, by words in their names: its list says nothing else of them.</summary>
    private static readonly string[] OtherKinds =
    [
        "embedding",
        "tts",
        "whisper",
        "dall-e",
        "moderation",
        "image",
        "audio",
        "realtime",
        "transcribe",
        "sora",
        "babbage",
        "davinci",
        "instruct",
        "search-preview",
        "computer-use",
        "veo",
        "imagen",
        "aqa",
    ];

    /// <summary>The models by name.</summary>
    /// <exception cref="Exception">As the provider's client throws it; <see cref="ModelFaults.Of"/> knows it.</exception>
    internal async Task<List<OfferedModel>> ListAsync(ModelProfile profile, CancellationToken cancellationToken)
    {
        var models = profile.Provider switch
        {
            Providers.Offline => [new OfferedModel("lexrank", null)],
            Providers.Anthropic => await AnthropicAsync(profile, cancellationToken),
            Providers.Ollama =>
            [
                .. (await clients.Ollama(profile).ListLocalModelsAsync(cancellationToken)).Select(model => new OfferedModel(
                    model.Name,
                    null
                )),
            ],
            _ => await OpenAIAsync(profile, cancellationToken),
        };
        return
        [
            .. models
                .Where(model => model.Id is { Length: > 0 and <= 200 })
                .DistinctBy(model => model.Id)
                .OrderBy(model => model.Id, StringComparer.OrdinalIgnoreCase)
                .Take(MostModels),
        ];
    }

    private async Task<IReadOnlyList<OfferedModel>> AnthropicAsync(ModelProfile profile, CancellationToken cancellationToken)
    {
        var page = await clients.Anthropic(profile).Models.List(new ModelListParams { Limit = MostModels }, cancellationToken);
        return [.. page.Items.Select(model => new OfferedModel(model.ID, model.DisplayName))];
    }

    private async Task<IReadOnlyList<OfferedModel>> OpenAIAsync(ModelProfile profile, CancellationToken cancellationToken)
    {
        var ids = (await clients.OpenAIModels(profile).ListAsync(cancellationToken)).Select(id =>
            id.StartsWith("models/", StringComparison.Ordinal) ? id["models/".Length..] : id
        );
        return
        [
            .. ids.Where(id =>
                    profile.Provider == Providers.OpenAICompatible
                    || !OtherKinds.Any(kind => id.Contains(kind, StringComparison.OrdinalIgnoreCase))
                )
                .Select(id => new OfferedModel(id, null)),
        ];
    }
}
