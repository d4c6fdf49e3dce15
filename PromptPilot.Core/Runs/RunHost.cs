using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs;

/// <summary>Starts the scheduler with the host, and stops runs when the host stops.</summary>
internal sealed class RunHost(
    ReadyGate ready,
    RunScheduler scheduler,
    IHostApplicationLifetime lifetime,
    IOptions<RunsOptions> options,
    ILogger<RunHost> log
) : SteadyService
{
    private Task? _stopped;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        await scheduler.ResumeUnfinishedAsync(cancellationToken);
        lifetime.ApplicationStopping.Register(() => _stopped = scheduler.StopAsync(TimeSpan.FromSeconds(options.Value.StopGraceSeconds)));
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped is not null)
        {
            await _stopped;
        }

        await base.StopAsync(cancellationToken);
    }

    protected override ILogger Logger => log;

    protected override Task RunAsync(CancellationToken stoppingToken) => scheduler.RunAsync(stoppingToken);
}
