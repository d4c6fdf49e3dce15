using Microsoft.Extensions.AI;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Models.OpenAIFamily;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>OpenAI's chat completions, which most servers speak.</summary>
internal sealed class OpenAIProtocol : ModelProtocol
{
    private const string NamePrefix = "models/"; // Gemini's

    /// <summary>Kinds of OpenAI models that do not chat, by words in their names: its list has nothing else to go by.</summary>
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

    public override bool ReadsAnyAnswer => true;

    public override IChatClient Client(ProviderConnection connection) =>
        new OpenAIChatClient(
            connection.Invoker(),
            connection.BaseUrl,
            connection.Profile.Model,
            new ChatDialect(connection.Profile.MaxTokensField ?? connection.Provider.MaxTokensField, connection.Profile.SendsStreamOptions),
            data => ModelFaults.OfErrorEvent(ProviderMessage.Parse(data, connection.Key))
        );

    public override async Task<IReadOnlyList<OfferedModel>> ListAsync(ProviderConnection connection, CancellationToken cancellationToken)
    {
        var ids = (await new OpenAIModelList(connection.Invoker(), connection.BaseUrl).ListAsync(cancellationToken)).Select(id =>
            id.StartsWith(NamePrefix, StringComparison.Ordinal) ? id[NamePrefix.Length..] : id
        );
        return
        [
            .. ids.Where(id =>
                    !connection.Provider.ListsOtherKinds || !OtherKinds.Any(kind => id.Contains(kind, StringComparison.OrdinalIgnoreCase))
                )
                .Select(id => new OfferedModel(id, null)),
        ];
    }
}
