using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using Quartz;

namespace PromptPilot.Core.Triggers;

/// <summary>The door of the feature.</summary>
public static class TriggersSetup
{
    public static IServiceCollection AddTriggers(this IServiceCollection services)
    {
        services
            .AddSettings<SchedulesOptions>(SchedulesOptions.Section)
            .Validate(
                options => options.MissedAfterSeconds is >= 1 and <= 3_600,
                $"{SchedulesOptions.Section}:MissedAfterSeconds must be a number from 1 to 3,600."
            )
            .Validate(
                options => options.KeepFiringsDays is >= 1 and <= 3_650,
                $"{SchedulesOptions.Section}:KeepFiringsDays must be a number from 1 to 3,650."
            );
        services.AddSingleton<TriggerSecrets>().AddSingleton<TriggerChanges>().AddSingleton<TriggeredRuns>().AddSingleton<TriggerService>();
        services.AddSingleton<FiringStarter>().AddSingleton<ScheduleRunner>().AddSingleton<ScheduleHealth>().AddSingleton<ScheduleClock>();
        services.AddSingleton<ScheduleService>();
        services.WhenChangedElsewhere<TriggerChanges>("Triggers", changes => changes.Notify());
        services.AddCleaning<ScheduleRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<ScheduleClock>());
        services.AddQuartz(quartz => quartz.AddJob<ScheduleJob>(job => job.WithIdentity(ScheduleJob.Key).StoreDurably()));
        return services.AddWebhooks();
    }
}
