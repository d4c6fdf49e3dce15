using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Models.Offline;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Models.SemanticKernel;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Models;

/// <summary>The door of the feature.</summary>
public static class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services)
    {
        services
            .AddSettings<NetworkOptions>(NetworkOptions.Section)
            .Validate(
                options => AddressGuard.AreHosts(options.AllowedPrivateHosts ?? []),
                $"{NetworkOptions.Section}:AllowedPrivateHosts {AddressGuard.HostsRule}"
            );
        services
            .AddSettings<OfflineOptions>(OfflineOptions.Section)
            .Validate(
                o => o.WordDelayMilliseconds is >= 0 and <= 10_000,
                $"{OfflineOptions.Section}:WordDelayMilliseconds must be a number from 0 to 10,000."
            );
        services.TryAddSingleton<HostNames>();
        return services
            .AddSingleton<ModelProfiles>()
            .WhenChangedElsewhere<ModelProfiles>("ModelProfiles", profiles => profiles.DropAll())
            .AddSingleton<ModelKeys>()
            .AddSingleton<ModelKeyCheck>()
            .AddSingleton<ModelEndpoints>()
            .AddSingleton<ModelProfileService>()
            .AddSingleton<ModelConnections>()
            .AddSingleton<OfflineModel>()
            .AddSingleton<ProviderClients>()
            .AddSingleton<KernelFactory>()
            .AddSingleton<CallPictures>()
            .AddSingleton<ModelGateway>()
            .AddSingleton<IModelGateway>(provider => provider.GetRequiredService<ModelGateway>())
            .AddSingleton<ModelCatalog>()
            .AddSingleton<ModelTrialService>();
    }
}
