using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Models.SemanticKernel;

namespace PromptPilot.Core.Models;

/// <summary>The door of the feature.</summary>
public static class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services)
    {
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section);
        services.AddOptions<OfflineOptions>().BindConfiguration(OfflineOptions.Section);
        return services
            .AddSingleton<ModelProfiles>()
            .AddSingleton<ModelKeys>()
            .AddSingleton<ModelEndpoints>()
            .AddSingleton<ModelProfileService>()
            .AddSingleton<ModelConnections>()
            .AddSingleton<OfflineModel>()
            .AddSingleton<KernelFactory>()
            .AddSingleton<IModelGateway, ModelGateway>();
    }
}
