using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using OpenAI;
using PromptPilot.Core.Models.Offline;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>Makes a profile's kernel and keeps it for as long as that revision of the profile is in use.</summary>
/// <param name="filters">See every invocation, on all kernels.</param>
internal sealed class KernelFactory(ModelConnections connections, ModelKeys keys, OfflineModel offline, IEnumerable<IFunctionInvocationFilter> filters, TimeProvider time)
{
    /// <summary>Keyed by the profile object that <see cref="ModelProfiles"/> shares: when that is dropped, because the profile changed, the kernel goes with it.</summary>
    private readonly ConditionalWeakTable<ModelProfile, ProfileKernel> _kernels = [];

    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    public ProfileKernel For(ModelProfile profile) => _kernels.GetValue(profile, Create);

    private ProfileKernel Create(ModelProfile profile)
    {
        IChatCompletionService chat = profile.Provider == Providers.Offline ? new OfflineChatService(offline, profile) : OpenAIChat(profile);
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(chat);
        foreach (var filter in filters)
        {
            builder.Services.AddSingleton(filter);
        }

        return new ProfileKernel(builder.Build(), chat, new CallSettings(profile));
    }

    private OpenAIChatCompletionService OpenAIChat(ModelProfile profile)
    {
        var key = profile.ApiKey is null ? null : keys.Decrypt(profile.ApiKey);
        var http = new HttpClient(new ModelHttpHandler(connections.Handler, key, time), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        var options = new OpenAIClientOptions
        {
            Endpoint = ModelEndpoints.Of(profile),
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0), // the engine retries, and counts
            NetworkTimeout = Timeout.InfiniteTimeSpan, // CallWatch keeps the time
        };

        // The client insists on a key; without one the handler removes the header again.
        return new OpenAIChatCompletionService(profile.Model, new OpenAIClient(new ApiKeyCredential(key ?? "none"), options));
    }
}
