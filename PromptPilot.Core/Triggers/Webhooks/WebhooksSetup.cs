using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>The part of the triggers' door that is about webhooks.</summary>
internal static class WebhooksSetup
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services
            .AddSettings<WebhooksOptions>(WebhooksOptions.Section)
            .Validate(
                options => options.Burst is >= 1 and <= 100_000,
                $"{WebhooksOptions.Section}:Burst must be a number from 1 to 100,000."
            )
            .Validate(
                options => options.RequestsPerSecond is >= 1 and <= 100_000,
                $"{WebhooksOptions.Section}:RequestsPerSecond must be a number from 1 to 100,000."
            )
            .Validate(
                options => options.KeepDays is >= 1 and <= 3650,
                $"{WebhooksOptions.Section}:KeepDays must be a number from 1 to 3,650."
            )
            .Validate(
                options => options.KeepRequests is >= 1 and <= 100_000,
                $"{WebhooksOptions.Section}:KeepRequests must be a number from 1 to 100,000."
            );
        services.AddSingleton<WebhookTargets>();
        services.AddCleaning<WebhookInbox>();
        services.WhenChangedElsewhere<WebhookInbox>("WebhookReceipts", inbox => inbox.Written.Raise());
        services.AddSingleton<WebhookReceiver>();
        services.AddSingleton<WebhookInboxService>().AddSingleton<WebhookMappingService>();
        return services;
    }
}
