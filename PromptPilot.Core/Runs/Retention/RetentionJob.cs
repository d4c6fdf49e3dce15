using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>The clock's call to remove what is overdue: some minutes after the start, then every hour.</summary>
[DisallowConcurrentExecution]
internal sealed class RetentionJob(RunRetention retention, IHostApplicationLifetime lifetime, ILogger<RetentionJob> log) : IJob
{
    public static readonly JobKey Key = new("retention");
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>A start has other things to do first, and hosts that start together should not sweep together: 3 to 8 minutes.</summary>
    public static TimeSpan FirstAfter() => TimeSpan.FromSeconds(Random.Shared.Next(180, 480));

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await retention.SweepAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The host stops; each batch is whole, and the next start continues.
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Old runs could not be removed; the next try is in {Minutes} minutes", Every.TotalMinutes);
        }
    }
}
