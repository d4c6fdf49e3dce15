using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Anthropic.Models.Models;
using Microsoft.Extensions.AI;

namespace PromptPilot.Core.Models.Protocols;

/// <summary>Anthropic's Messages API.</summary>
internal sealed class AnthropicProtocol : ModelProtocol
{
    /// <summary>The client requires a key. The handler below replaces it with the real one.</summary>
    private const string NoKey = "none";

    /// <summary>The header with the version of the API.</summary>
    private const string VersionHeader = "anthropic-version";

    private const int MostModels = 1000;

    /// <summary>
    /// The last version of the API that knows temperature and top-p; later ones answer 400 to them
    /// (https://platform.claude.com/docs/en/api/versioning).
    /// </summary>
    private static readonly JsonElement VersionWithSampling = JsonSerializer.SerializeToElement("2023-06-01");

    public override IChatClient Client(ProviderConnection connection) => Api(connection).AsIChatClient(connection.Profile.Model);

    public override async Task<IReadOnlyList<OfferedModel>> ListAsync(ProviderConnection connection, CancellationToken cancellationToken)
    {
        var page = await Api(connection).Models.List(new ModelListParams { Limit = MostModels }, cancellationToken);
        return [.. page.Items.Select(model => new OfferedModel(model.ID, model.DisplayName))];
    }

    /// <summary>
    /// The client has no property for temperature and top-p any more and drops those of the options without a word, so they go into
    /// the body by their names, and the call asks for the version of the API that takes them; tests assert it. A call without them has the
    /// client's own version.
    /// </summary>
    public override void AddSampling(ChatOptions options, string model, SentParameters sent)
    {
        var body = new Dictionary<string, JsonElement>();
        if (sent.Temperature is { } temperature)
        {
            body["temperature"] = JsonSerializer.SerializeToElement(temperature);
        }

        if (sent.TopP is { } topP)
        {
            body["top_p"] = JsonSerializer.SerializeToElement(topP);
        }

        if (body.Count == 0)
        {
            return;
        }

        // Required by the client, which replaces them with those of the call.
        body["messages"] = JsonSerializer.SerializeToElement(Array.Empty<object>());
        body["max_tokens"] = JsonSerializer.SerializeToElement(sent.MaxTokens);
        body["model"] = JsonSerializer.SerializeToElement(model);
        options.RawRepresentationFactory = _ =>
            MessageCreateParams.FromRawUnchecked(
                new Dictionary<string, JsonElement> { [VersionHeader] = VersionWithSampling },
                new Dictionary<string, JsonElement>(),
                body
            );
    }

    /// <summary>
    /// The client sends adaptive thinking with <c>output_config.effort</c>, and for none disabled thinking. It has no “minimal”
    /// (https://platform.claude.com/docs/en/build-with-claude/effort).
    /// </summary>
    public override void AddEffort(ChatOptions options, string model, Effort effort) =>
        options.Reasoning = new ReasoningOptions
        {
            Effort = effort switch
            {
                Effort.None => ReasoningEffort.None,
                Effort.Minimal or Effort.Low => ReasoningEffort.Low,
                Effort.Medium => ReasoningEffort.Medium,
                Effort.High => ReasoningEffort.High,
            },
        };

    /// <summary>
    /// A mark caches everything up to it (https://platform.claude.com/docs/en/build-with-claude/prompt-caching): one ends the system
    /// message, one the messages before the last, such as examples.
    /// </summary>
    public override void MarkCacheable(IReadOnlyList<ChatMessage> messages)
    {
        Mark(messages.LastOrDefault(message => message.Role == ChatRole.System));
        if (messages.Count > 1 && messages[^2].Role != ChatRole.System)
        {
            Mark(messages[^2]);
        }

        static void Mark(ChatMessage? message)
        {
            // The API refuses a mark on an empty text.
            if (message?.Contents.LastOrDefault() is TextContent { Text.Length: > 0 } text)
            {
                text.WithCacheControl(ttl: null);
            }
        }
    }

    /// <summary>The client appends the requested version to its default instead of replacing it.</summary>
    public override void Correct(HttpRequestMessage request)
    {
        if (request.Headers.TryGetValues(VersionHeader, out var versions) && versions.ToList() is { Count: > 1 } all)
        {
            request.Headers.Remove(VersionHeader);
            request.Headers.TryAddWithoutValidation(VersionHeader, all[^1]);
        }
    }

    private static AnthropicClient Api(ProviderConnection connection) =>
        new(
            new ClientOptions
            {
                ApiKey = NoKey,
                BaseUrl = connection.BaseUrl.ToString().TrimEnd('/'),
                HttpClient = connection.Http(),
                MaxRetries = 0,
                Timeout = Timeout.InfiniteTimeSpan,
                OpenTelemetry = false, // else the environment decides whether prompts go into traces
            }
        );
}
