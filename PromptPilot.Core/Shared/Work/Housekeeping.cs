using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Shared.Work;

/// <summary>Removes what a feature keeps for some time only.</summary>
internal interface ICleaning
{
    /// <summary>Removes everything overdue, in transactions short enough for others to write in between.</summary>
    Task CleanAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The one worker that removes overdue data of all features, every hour of elapsed time. Failed removals are left for the next time and do
/// not block others.
/// </summary>
internal sealed class Housekeeping(IEnumerable<ICleaning> cleanings, Duties duties, TimeProvider time, ILogger<Housekeeping> log)
    : SteadyService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override ILogger Logger => log;

    /// <summary>Cleans once. Called by the loop, and by tests.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        foreach (var cleaning in cleanings)
        {
            var name = cleaning.GetType().Name;
            try
            {
                await cleaning.CleanAsync(cancellationToken);
                WorkMetrics.Done(name);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                WorkMetrics.Failed(name);
                log.LogWarning(exception, "{Cleaning} failed; retrying in {Minutes} minutes", name, Interval.TotalMinutes);
            }
        }
    }

    /// <summary>A start has other things to do first, and hosts that start together should not clean together: 3 to 8 minutes.</summary>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var wait = TimeSpan.FromSeconds(Random.Shared.Next(180, 480));
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(wait, time, stoppingToken);
            if (duties[DutyName.Housekeeping].IsMine)
            {
                await CleanAsync(stoppingToken);
            }

            wait = Interval;
        }
    }
}

internal static class HousekeepingSetup
{
    /// <summary>Adds a cleaning to the housekeeping, which comes with the first.</summary>
    public static IServiceCollection AddCleaning<T>(this IServiceCollection services)
        where T : class, ICleaning
    {
        services.TryAddSingleton<T>();
        services.TryAddSingleton<Duties>();
        services.TryAddSingleton<Housekeeping>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Housekeeping>(Built<Housekeeping>));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICleaning, T>(Built<T>));
        return services;
    }

    /// <summary>The one instance, under its other name.</summary>
    private static T Built<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
