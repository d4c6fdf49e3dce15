using Microsoft.Extensions.AI;
using OllamaSharp;
using OllamaSharp.Models.Chat;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Ollama's own API.</summary>
internal sealed class OllamaProtocol : ModelProtocol
{
    public override IChatClient Client(ProviderConnection connection) => Api(connection);

    public override async Task<IReadOnlyList<OfferedModel>> ListAsync(ProviderConnection connection, CancellationToken cancellationToken) =>
        [
            .. (await Api(connection).ListLocalModelsAsync(cancellationToken))
                .Where(model => !IsForEmbeddings(model))
                .Select(model => new OfferedModel(model.Name, null)),
        ];

    /// <summary>Such models are pulled to the same list, and refuse to chat.</summary>
    private static bool IsForEmbeddings(OllamaSharp.Models.Model model) =>
        model.Name.Contains("embed", StringComparison.OrdinalIgnoreCase)
        || model.Details?.Family?.Contains("bert", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// gpt-oss takes a level, all other models only on or off (https://docs.ollama.com/capabilities/thinking).
    /// </summary>
    public override void AddEffort(ChatOptions options, string model, Effort effort) =>
        options.RawRepresentationFactory = _ => new ChatRequest
        {
            Think =
                model.Contains("gpt-oss", StringComparison.OrdinalIgnoreCase) && effort != Effort.None
                    ? new ThinkValue(effort == Effort.Minimal ? "low" : effort.ToString().ToLowerInvariant())
                    : new ThinkValue(effort != Effort.None),
        };

    /// <summary>An Ollama from before it gave reasons.</summary>
    public override bool IsEnd(ChatResponseUpdate update) => update.RawRepresentation is ChatDoneResponseStream { Done: true };

    private static OllamaApiClient Api(ProviderConnection connection)
    {
        var http = connection.Http();
        http.BaseAddress = new Uri(connection.BaseUrl.ToString().TrimEnd('/') + "/");
        return new OllamaApiClient(http, connection.Profile.Model);
    }
}
