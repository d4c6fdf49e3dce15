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

    /// <summary>
    /// <c>reasoning_effort</c> has the same values (https://platform.openai.com/docs/api-reference/chat/create), also with Gemini
    /// (https://ai.google.dev/gemini-api/docs/openai#thinking).
    /// </summary>
    public override void AddEffort(ChatOptions options, string model, Effort effort) =>
        (options.AdditionalProperties ??= [])[ChatRequestContent.Effort] = effort.ToString().ToLowerInvariant();

    public override async Task<IReadOnlyList<OfferedModel>> ListAsync(ProviderConnection connection, CancellationToken cancellationToken)
    {
        var models = await new OpenAIModelList(connection.Invoker(), connection.BaseUrl).ListAsync(cancellationToken);
        return
        [
            .. models
                .Select(model =>
                    model.Id.StartsWith(NamePrefix, StringComparison.Ordinal) ? model with { Id = model.Id[NamePrefix.Length..] } : model
                )
                .Where(model =>
                    !connection.Provider.ListsOtherKinds
                    || !OtherKinds.Any(kind => model.Id.Contains(kind, StringComparison.OrdinalIgnoreCase))
                ),
        ];
    }
}
