using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Starts waiting runs when their profile takes calls again: a call of another run has ended, a minute is over, or a provider's Retry-After.</summary>
internal sealed class LanePump(RunQueue queue, ProfileLanes lanes, RunExecutions executions, TimeProvider time, ILogger<LanePump> log) : BackgroundService
{
    /// <summary>As often as the sweep: what comes to wait meanwhile changes when to look next.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // Taken before the look: a lane that comes free during it is not slept through.
                var seen = lanes.Freed.Count;
                await PumpAsync();
                await WaitAsync(seen, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            if (queue.Count > 0)
            {
                await executions.PumpAsync();
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Waiting runs could not be started; the sweep tries again");
        }
    }

    private async Task WaitAsync(long seen, CancellationToken stoppingToken)
    {
        var wait = queue.OpensAt() - time.GetUtcNow().UtcDateTime is { } left && left < LookEvery ? left : LookEvery;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(lanes.Freed.WaitAsync(seen, over.Token), Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, over.Token));
        await over.CancelAsync();
    }
}
