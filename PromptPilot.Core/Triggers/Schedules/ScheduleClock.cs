using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;
using Quartz;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>
/// Starts due schedules, and sets one Quartz trigger to the time of the next one, so that ten thousand schedules need a single timer.
/// Quartz uses the system clock. A poll every half minute of elapsed time finds what is due after that clock was set.
/// </summary>
internal sealed class ScheduleClock(
    ReadyGate ready,
    ISchedulerFactory schedulers,
    ScheduleRunner runner,
    TriggerChanges changes,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ScheduleClock> log
) : PollingService
{
    private static readonly TriggerKey Due = new("due", "schedules");

    private readonly ChangeSignal _due = new();

    public override void Dispose()
    {
        changes.ByPerson -= Wake;
        base.Dispose();
    }

    /// <summary>Checks soon, without blocking the caller. Called by Quartz, and after a schedule was changed.</summary>
    public void Wake() => _due.Raise();

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override Duty? Duty => ready.Duties[DutyName.Schedules];

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(30);

    protected override async Task PrepareAsync(CancellationToken stoppingToken)
    {
        await ready.WaitAsync(stoppingToken);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        changes.ByPerson -= Wake;
        changes.ByPerson += Wake;
    }

    protected override Func<CancellationToken, Task> Listen()
    {
        var seen = _due.Count;
        return token => _due.WaitAsync(seen, token);
    }

    /// <returns>Null, since Quartz wakes the loop when the next schedule is due.</returns>
    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        if (await runner.TickAsync(cancellationToken) is { } next)
        {
            await SetAsync(next, cancellationToken);
        }

        return null;
    }

    private async Task SetAsync(DateTime at, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var trigger = TriggerBuilder
            .Create()
            .WithIdentity(Due)
            .ForJob(ScheduleJob.Key)
            .StartAt(new DateTimeOffset(at, TimeSpan.Zero))
            .Build();
        if (await scheduler.RescheduleJob(Due, trigger, cancellationToken) is null)
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
    }
}

/// <summary>Quartz's call.</summary>
internal sealed class ScheduleJob(ScheduleClock clock) : IJob
{
    public static readonly JobKey Key = new("schedules");

    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        clock.Wake();
        return ValueTask.CompletedTask;
    }
}
