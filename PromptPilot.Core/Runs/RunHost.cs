using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs;

/// <summary>
/// Takes up unfinished runs when the host starts, keeps their leases, and winds them down when it stops.
/// With SQLite the host locks its data directory, so at start every lease is dead and all unfinished runs go on at once.
/// </summary>
internal sealed class RunHost(
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    RunQueue queue,
    RunExecutions executions,
    RunWakeups wakeups,
    RunJournal journal,
    HostLease lease,
    IHostApplicationLifetime lifetime,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILogger<RunHost> log
) : SteadyService
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    /// <summary>A long line is in memory already; what is looked for here is the exception.</summary>
    private const int MostFoundAtOnce = 1000;

    private Task? _windDown;

    /// <summary>Takes up what is unfinished before the host accepts requests: later it could not tell it from its own fresh runs.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        await TakeUpAsync(cancellationToken);
        lifetime.ApplicationStopping.Register(() => _windDown = executions.StopAsync(TimeSpan.FromSeconds(options.Value.StopGraceSeconds)));
        await base.StartAsync(cancellationToken);
    }

    protected override ILogger Logger => log;

    protected override Task RunAsync(CancellationToken stoppingToken) => SweepAsync(stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_windDown is not null)
        {
            await _windDown;
        }

        await base.StopAsync(cancellationToken);
    }

    private async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var unfinished = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run =>
                run.Status == RunStatus.Queued
                || run.Status == RunStatus.Running
                || (run.Status == RunStatus.Waiting && run.ResumeAt != null)
            )
            .OrderBy(run => run.QueuedAt)
            .Select(run => new
            {
                run.Id,
                run.WorkflowId,
                run.Priority,
                run.QueuedAt,
                run.Status,
                run.ResumeAt,
            })
            .ToListAsync(cancellationToken);
        foreach (var run in unfinished)
        {
            if (run.Status == RunStatus.Waiting && run.ResumeAt > time.GetUtcNow().UtcDateTime)
            {
                await wakeups.ScheduleAsync(run.Id, run.ResumeAt.Value);
            }
            else
            {
                queue.Add(run.Id, run.WorkflowId, run.Priority, queuedAt: run.QueuedAt);
            }
        }

        if (unfinished.Count > 0)
        {
            log.LogInformation("{Count} unfinished runs go on", unfinished.Count);
        }

        await executions.PumpAsync();
    }

    /// <summary>Starts what waits although a slot is free, which heals whatever was missed, and keeps the leases.</summary>
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
        var renew = new Every(HostLease.RenewEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await FindLostAsync(stoppingToken);
            await executions.PumpAsync();
            if (executions.Count > 0 && renew.IsDue())
            {
                await RenewOnceAsync(stoppingToken);
            }
        }
    }

    /// <summary>
    /// Puts in line what ought to be there and is not: runs whose executor was lost, parked ones whose time has come, queued ones of before
    /// the last look.
    /// Two leases are the most a run can stand still.
    /// </summary>
    private async Task FindLostAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            var before = now - SweepEvery;
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var lost = await db
                .WorkflowRuns.AsNoTracking()
                .Where(run =>
                    (run.Status == RunStatus.Running && (run.LeaseUntil == null || run.LeaseUntil < now))
                    || (run.Status == RunStatus.Waiting && run.ResumeAt <= now)
                    || (run.Status == RunStatus.Queued && run.QueuedAt < before)
                )
                .OrderBy(run => run.QueuedAt)
                .Select(run => new
                {
                    run.Id,
                    run.WorkflowId,
                    run.Priority,
                    run.QueuedAt,
                    run.Status,
                })
                .Take(MostFoundAtOnce)
                .ToListAsync(cancellationToken);
            foreach (var run in lost)
            {
                if (
                    !executions.Has(run.Id)
                    && queue.Add(run.Id, run.WorkflowId, run.Priority, queuedAt: run.QueuedAt)
                    && run.Status == RunStatus.Running
                )
                {
                    log.LogWarning("Run {Run} had lost its executor and is taken over", run.Id);
                }
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(exception, "The sweep could not look for lost runs; the next try is in {Seconds} s", SweepEvery.TotalSeconds);
        }
    }

    private async Task RenewOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await journal.RenewLeasesAsync(lease.Owner, lease.Until(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(exception, "Leases could not be renewed; the next try is in {Seconds} s", HostLease.RenewEvery.TotalSeconds);
        }
    }
}
