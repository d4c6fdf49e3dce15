using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using PromptPilot.Core.Models.OpenAIFamily;
using PromptPilot.Core.Models.Protocols;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>The settings of calls that go through an <see cref="IChatClient"/>.</summary>
internal sealed class ChatClientSettings : PromptExecutionSettings
{
    private ChatOptions Options { get; init; } = new();

    /// <summary>The longest answer, in tokens.</summary>
    public int? MaxTokens => Options.MaxOutputTokens;

    /// <summary>Options of one call; clients change what they are given.</summary>
    public ChatOptions ForCall() => Options.Clone();

    /// <param name="format">Null: free text.</param>
    public static ChatClientSettings Of(ModelProtocol? protocol, string model, SentParameters sent, SentFormat? format)
    {
        var options = new ChatOptions
        {
            MaxOutputTokens = sent.MaxTokens,
            StopSequences = sent.Stop,
            Seed = sent.Seed,
            ResponseFormat = format switch
            {
                null => null,
                { Schema: { } schema } => ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema), CallSettings.SchemaName),
                _ => ChatResponseFormat.Json,
            },
        };
        if (format?.Schema is not null)
        {
            options.AdditionalProperties = new() { [ChatRequestContent.Strict] = format.IsStrict };
        }

        protocol?.AddSampling(options, model, sent);
        if (sent.Effort is { } effort)
        {
            protocol?.AddEffort(options, model, effort);
        }

        return new ChatClientSettings { Options = options };
    }
}
