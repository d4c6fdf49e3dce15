using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;
using Quartz;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>
/// Sets Quartz, the clock, to the moment at which the next schedule is due: one one-shot trigger for all of them, so that ten thousand cost
/// at most one. It is set at start, after each tick, and when a schedule changes. Quartz goes by the system's clock; a look each half
/// minute, by the time that has passed, finds what is due after that clock was set.
/// </summary>
internal sealed class ScheduleClock(
    ReadyGate ready,
    ISchedulerFactory schedulers,
    ScheduleRunner runner,
    TriggerChanges changes,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ScheduleClock> log
) : SteadyService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);
    private static readonly TriggerKey Due = new("due", "schedules");

    private readonly SemaphoreSlim _setting = new(1, 1);
    private int _poked;

    public override void Dispose()
    {
        _setting.Dispose();
        base.Dispose();
    }

    /// <summary>The clock's call: does what is due and sets the clock again.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _poked, 0);
        DateTime? next = null;
        try
        {
            next = await runner.TickAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(exception, "Due firings could not be started; retrying in a second");
            next = time.GetUtcNow().UtcDateTime.AddSeconds(1);
        }

        var look = time.GetUtcNow().UtcDateTime + LookEvery;
        await SetAsync(next < look ? next.Value : look);
    }

    protected override ILogger Logger => log;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await ready.WaitAsync(stoppingToken);
        changes.ByPerson += Poke;
        try
        {
            await using var started = lifetime.ApplicationStarted.Register(Poke);
            using var timer = new PeriodicTimer(LookEvery, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TickAsync(stoppingToken);
            }
        }
        finally
        {
            changes.ByPerson -= Poke;
        }
    }

    /// <summary>Checks immediately, without blocking the caller.</summary>
    private void Poke()
    {
        if (Interlocked.Exchange(ref _poked, 1) == 0)
        {
            _ = Task.Run(() => SetAsync(time.GetUtcNow().UtcDateTime));
        }
    }

    private async Task SetAsync(DateTime at)
    {
        await _setting.WaitAsync();
        try
        {
            var scheduler = await schedulers.GetScheduler();
            if (_poked == 1)
            {
                at = time.GetUtcNow().UtcDateTime;
            }

            var trigger = TriggerBuilder
                .Create()
                .WithIdentity(Due)
                .ForJob(ScheduleJob.Key)
                .StartAt(new DateTimeOffset(at, TimeSpan.Zero))
                .Build();
            if (await scheduler.RescheduleJob(Due, trigger) is null)
            {
                await scheduler.ScheduleJob(trigger);
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "The timer for schedules could not be set");
        }
        finally
        {
            _setting.Release();
        }
    }
}

/// <summary>Quartz's call.</summary>
internal sealed class ScheduleJob(ScheduleClock clock) : IJob
{
    public static readonly JobKey Key = new("schedules");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await clock.TickAsync(cancellationToken);
}
