using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Notifications;

/// <summary>The door of the feature; it needs <c>AddMail</c> and <c>AddTriggers</c>.</summary>
public static class NotificationsSetup
{
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.TryAddSingleton<PortalAddress>();
        services.AddSingleton<NotificationBook>().AddSingleton<NotificationMailer>().AddSingleton<NotificationWatcher>();
        services.AddSingleton<NotificationService>();
        services.WhenChangedElsewhere<NotificationBook>("Notifications", book => book.TouchAll());
        services.AddCleaning<NotificationWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<NotificationWatcher>());
        return services;
    }
}
