using Microsoft.Extensions.Logging;
using Quartz;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// Wakes parked runs with a one-shot trigger each. The rows are the source of truth; the sweep finds what a trigger misses.
/// </summary>
public sealed class RunWakeups(ISchedulerFactory schedulers, ILogger<RunWakeups> log)
{
    /// <summary>Sets when a run resumes (UTC); a time in the past resumes it immediately.</summary>
    internal async Task ScheduleAsync(string runId, DateTime at)
    {
        try
        {
            var scheduler = await schedulers.GetScheduler();
            var key = new TriggerKey(runId, "wake");
            var trigger = TriggerBuilder
                .Create()
                .WithIdentity(key)
                .ForJob(WakeJob.Key)
                .UsingJobData(WakeJob.RunId, runId)
                .StartAt(new DateTimeOffset(at, TimeSpan.Zero))
                .Build();
            if (await scheduler.RescheduleJob(key, trigger) is null)
            {
                await scheduler.ScheduleJob(trigger);
            }
        }
        catch (SchedulerException exception)
        {
            log.LogWarning(exception, "No wake-up could be set for run {Run}; the sweep will resume it", runId);
        }
    }
}

/// <summary>Resumes a parked run at its time.</summary>
internal sealed class WakeJob(RunScheduler scheduler) : IJob
{
    public const string RunId = "runId";
    public static readonly JobKey Key = new("wake");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await scheduler.WakeAsync(context.MergedJobDataMap.GetString(RunId)!, cancellationToken);
}
