using System.Text.Json;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Models.OpenAIFamily;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The settings of calls that go through an <see cref="IChatClient"/>.</summary>
internal sealed class ChatClientSettings : PromptExecutionSettings
{
    /// <summary>In which a call to Anthropic names the version of the API it speaks.</summary>
    public const string VersionHeader = "anthropic-version";

    /// <summary>
    /// The last version of Anthropic's API that knows temperature and top-p; later ones answer 400 to them
    /// (https://platform.claude.com/docs/en/api/versioning).
    /// </summary>
    private static readonly JsonElement VersionWithSampling = JsonSerializer.SerializeToElement("2023-06-01");

    private ChatOptions Options { get; init; } = new();

    /// <summary>The longest answer, in tokens.</summary>
    public int? MaxTokens => Options.MaxOutputTokens;

    /// <summary>Options of one call; clients change what they are given.</summary>
    public ChatOptions ForCall() => Options.Clone();

    /// <param name="format">A JSON Schema, an empty text for any JSON object, null for free text.</param>
    public static ChatClientSettings Of(string provider, string model, SentParameters sent, string? format)
    {
        var options = new ChatOptions
        {
            MaxOutputTokens = sent.MaxTokens,
            StopSequences = sent.Stop,
            ResponseFormat = format switch
            {
                null => null,
                "" => ChatResponseFormat.Json,
                _ => ChatResponseFormat.ForJsonSchema(JsonElement.Parse(format), CallSettings.SchemaName),
            },
        };
        if (options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema })
        {
            options.AdditionalProperties = new() { [ChatRequestContent.Strict] = StrictSchema.Fits(schema) };
        }

        if (provider == Providers.Anthropic)
        {
            options.RawRepresentationFactory = Sampling(model, sent);
        }
        else
        {
            (options.Temperature, options.TopP) = ((float?)sent.Temperature, (float?)sent.TopP);
        }

        return new ChatClientSettings { Options = options };
    }

    /// <summary>
    /// Anthropic's client has no property for temperature and top-p any more and drops those of the options without a word, so they go into
    /// the body by their names, and the call asks for the version of the API that takes them; tests assert it. A call without them has the
    /// client's own version.
    /// </summary>
    private static Func<IChatClient, object?>? Sampling(string model, SentParameters sent)
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
            return null;
        }

        // What the client insists on; it puts the call's own in their places.
        body["messages"] = JsonSerializer.SerializeToElement(Array.Empty<object>());
        body["max_tokens"] = JsonSerializer.SerializeToElement(sent.MaxTokens);
        body["model"] = JsonSerializer.SerializeToElement(model);
        return _ =>
            MessageCreateParams.FromRawUnchecked(
                new Dictionary<string, JsonElement> { [VersionHeader] = VersionWithSampling },
                new Dictionary<string, JsonElement>(),
                body
            );
    }
}
