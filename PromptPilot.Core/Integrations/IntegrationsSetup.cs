using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Integrations;

/// <summary>The door of the feature. The outbox itself comes with the runs, whose journal writes it; mail needs <c>AddMail</c>.</summary>
public static class IntegrationsSetup
{
    public static IServiceCollection AddIntegrations(this IServiceCollection services)
    {
        services
            .AddSettings<IntegrationsOptions>(IntegrationsOptions.Section)
            .Validate(
                options => AddressGuard.AreHosts(options.AllowedPrivateHosts),
                $"{IntegrationsOptions.Section}:AllowedPrivateHosts {AddressGuard.HostsRule}"
            )
            .Validate(
                options => options.TimeoutSeconds is >= 1 and <= 120,
                $"{IntegrationsOptions.Section}:TimeoutSeconds must be a number from 1 to 120."
            )
            .Validate(
                options => options.ParallelPerHook is >= 1 and <= 100,
                $"{IntegrationsOptions.Section}:ParallelPerHook must be a number from 1 to 100."
            )
            .Validate(
                options => options.Parallel is >= 1 and <= 1000,
                $"{IntegrationsOptions.Section}:Parallel must be a number from 1 to 1,000."
            )
            .Validate(
                options => options.KeepDays is >= 1 and <= 3650,
                $"{IntegrationsOptions.Section}:KeepDays must be a number from 1 to 3,650."
            );
        services.TryAddSingleton<HostNames>();
        services.TryAddSingleton<PortalAddress>();
        services.AddSingleton<ISettingsCheck>(provider => provider.GetRequiredService<PortalAddress>());
        services
            .AddSingleton<HookAddresses>()
            .AddSingleton<HookSecrets>()
            .AddSingleton<HookHttp>()
            .AddSingleton<HookLinks>()
            .AddSingleton<WebhookMessages>()
            .AddSingleton<HookMessenger>()
            .AddSingleton<AttemptRecorder>()
            .AddSingleton<SlackMessages>()
            .AddSingleton<EmailMessages>()
            .AddSingleton<HookTests>()
            .AddSingleton<IChangeObserver, ChangeHooks>();
        services.AddSingleton<IntegrationHookService>();
        services.AddSingleton<HookDeliveryService>();
        services
            .WhenChangedElsewhere<AttemptRecorder>("HookAttempts", recorder => recorder.Written.Raise())
            .WhenChangedElsewhere<HookOutbox>("HookDeliveries", outbox => outbox.Written.Raise())
            .WhenChangedElsewhere<HookOutbox>("IntegrationHooks", outbox => outbox.Written.Raise());
        services.AddHostedService<HookSender>();
        services.AddCleaning<DeliveryCleaning>();
        return services;
    }
}
