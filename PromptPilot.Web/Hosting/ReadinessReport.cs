using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Web.Hosting;

/// <summary>Checks regularly whether this host is ready, so that the others can show it. Only where hosts can share a database.</summary>
internal sealed class ReadinessReport(
    Readiness readiness,
    HostState state,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ReadinessReport> log
) : SteadyService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override ILogger Logger => log;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var stopping = lifetime.ApplicationStopping.Register(() => state.NotReady = Readiness.Stopping);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            state.NotReady = await readiness.FindReasonAsync();
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
