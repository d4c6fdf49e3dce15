using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Core;
using OllamaSharp;
using OpenAI;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// The clients of the providers' own libraries, all over the same guarded connections. No client gets the key: the handler below it puts it
/// into the header that the provider wants,
/// so that no library can log it, trace it or send it elsewhere, nor look for another one in the environment.
/// </summary>
public sealed class ProviderClients(ModelConnections connections, ModelKeys keys, TimeProvider time)
{
    /// <summary>Clients insist on one.</summary>
    private const string NoKey = "none";

    /// <summary>For all that speak OpenAI's language.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    internal OpenAIClient OpenAI(ModelProfile profile) =>
        new(
            new ApiKeyCredential(NoKey),
            new OpenAIClientOptions
            {
                Endpoint = ModelEndpoints.Of(profile),
                Transport = new HttpClientPipelineTransport(Http(profile)),
                RetryPolicy = new ClientRetryPolicy(0), // the engine retries, and counts
                NetworkTimeout = Timeout.InfiniteTimeSpan, // CallWatch keeps the time
            }
        );

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

    private HttpClient Http(ModelProfile profile)
    {
        var key = profile.ApiKey is null ? null : keys.Decrypt(profile.ApiKey);
        return new HttpClient(new ModelHttpHandler(connections.Handler, profile.Provider, key, time), disposeHandler: false)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
