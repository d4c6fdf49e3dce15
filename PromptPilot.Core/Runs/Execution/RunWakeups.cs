using Microsoft.Extensions.Logging;
using Quartz;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Wakes parked runs when their time has come, by a one-shot trigger each. The rows are the truth: what a trigger misses, the sweep finds.
/// </summary>
public sealed class RunWakeups(ISchedulerFactory schedulers, ILogger<RunWakeups> log)
{
    /// <summary>Sets the clock for a run; a time that has passed wakes it at once.</summary>
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
            log.LogWarning(exception, "No trigger could be set for run {Run}; the sweep wakes it", runId);
        }
    }
}

/// <summary>The clock's call.</summary>
internal sealed class WakeJob(RunExecutions executions) : IJob
{
    public const string RunId = "runId";
    public static readonly JobKey Key = new("wake");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await executions.WakeAsync(context.MergedJobDataMap.GetString(RunId)!, cancellationToken);
}
