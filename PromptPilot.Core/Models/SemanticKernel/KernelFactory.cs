using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Models.Protocols;

namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>Creates a profile's kernel and keeps it as long as that revision of the profile is in use.</summary>
/// <param name="filters">See every invocation, on all kernels.</param>
public sealed class KernelFactory(ProviderClients clients, OfflineModel offline, IEnumerable<IFunctionInvocationFilter> filters)
{
    /// <summary>
    /// Keyed by the profile object that <see cref="ModelProfiles"/> shares: when that is dropped, because the profile changed, the kernel
    /// goes with it. A call that is under way holds on to the old one, and its key.
    /// </summary>
    private readonly ConditionalWeakTable<ModelProfile, ProfileKernel> _kernels = [];

    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored key cannot be read.</exception>
    internal ProfileKernel For(ModelProfile profile) => _kernels.GetValue(profile, Create);

    private ProfileKernel Create(ModelProfile profile)
    {
        var chat = Chat(profile);
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(chat);
        foreach (var filter in filters)
        {
            builder.Services.AddSingleton(filter);
        }

        return new ProfileKernel(builder.Build(), chat, new CallSettings(profile));
    }

    private IChatCompletionService Chat(ModelProfile profile) =>
        clients.For(profile) is { } client
            ? new ChatClientService(client, profile.CachesPrompts ? Providers.Of(profile.Provider).Protocol!.MarkCacheable : null)
            : new OfflineChatService(offline, profile);
}
