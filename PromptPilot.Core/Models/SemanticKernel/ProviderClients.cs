using Anthropic;
using Anthropic.Core;
using OllamaSharp;
using PromptPilot.Core.Models.OpenAIFamily;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// The clients of the providers, all over the same guarded connections. No library gets the key: the handler below it puts it
/// into the header that the provider wants,
/// so that no library can log it, trace it or send it elsewhere, nor look for another one in the environment.
/// </summary>
public sealed class ProviderClients(ModelConnections connections, ModelKeys keys, TimeProvider time)
{
    /// <summary>Clients insist on one.</summary>
    private const string NoKey = "none";

    /// <summary>For all that speak OpenAI's language.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    internal OpenAIChatClient OpenAI(ModelProfile profile)
    {
        var key = KeyOf(profile);
        return new OpenAIChatClient(
            new HttpMessageInvoker(Handler(profile, key), disposeHandler: false),
            ModelEndpoints.Of(profile)!,
            profile.Model,
            new ChatDialect(
                profile.MaxTokensField
                    ?? (profile.Provider == Providers.OpenAICompatible ? ChatDialect.OlderField : ChatDialect.NewerField),
                profile.SendsStreamOptions
            ),
            data => ModelFaults.OfErrorEvent(ProviderMessage.Parse(data, key))
        );
    }

    /// <summary>Asks what models there are, of all that speak OpenAI's language.</summary>
    /// <inheritdoc cref="OpenAI"/>
    internal OpenAIModelList OpenAIModels(ModelProfile profile) =>
        new(new HttpMessageInvoker(Handler(profile, KeyOf(profile)), disposeHandler: false), ModelEndpoints.Of(profile)!);

    /// <inheritdoc cref="OpenAI"/>
    internal AnthropicClient Anthropic(ModelProfile profile) =>
        new(
            new ClientOptions
            {
                ApiKey = NoKey,
                BaseUrl = ModelEndpoints.Of(profile)!.ToString().TrimEnd('/'),
                HttpClient = Http(profile),
                MaxRetries = 0,
                Timeout = Timeout.InfiniteTimeSpan,
                OpenTelemetry = false, // else the environment decides whether prompts go into traces
            }
        );

    /// <inheritdoc cref="OpenAI"/>
    internal OllamaApiClient Ollama(ModelProfile profile)
    {
        var http = Http(profile);
        http.BaseAddress = ModelEndpoints.Of(profile);
        return new OllamaApiClient(http, profile.Model);
    }

    private HttpClient Http(ModelProfile profile) =>
        new(Handler(profile, KeyOf(profile)), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    private ModelHttpHandler Handler(ModelProfile profile, string? key) => new(connections.Handler, profile.Provider, key, time);

    private string? KeyOf(ModelProfile profile) => profile.ApiKey is null ? null : keys.Decrypt(profile.ApiKey);
}
