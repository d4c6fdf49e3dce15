using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Starts waiting runs when their profile takes calls again: a call of another run has ended, a minute is over, or a provider's
/// Retry-After.
/// </summary>
internal sealed class LanePump(RunQueue queue, ProfileLanes lanes, RunExecutions executions, TimeProvider time, ILogger<LanePump> log)
    : BackgroundService
{
    /// <summary>As often as the sweep, should a beat ever be missed.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // Taken before the look: a lane that comes free or a run that comes to wait during it is not slept through.
                var (freed, added) = (lanes.Freed.Count, queue.Added.Count);
                await PumpAsync();
                await WaitAsync(freed, added, stoppingToken);
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

    private async Task WaitAsync(long freed, long added, CancellationToken stoppingToken)
    {
        var wait = queue.OpensAt() - time.GetUtcNow().UtcDateTime is { } left && left < LookEvery ? left : LookEvery;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(
            lanes.Freed.WaitAsync(freed, over.Token),
            queue.Added.WaitAsync(added, over.Token),
            Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, over.Token)
        );
        await over.CancelAsync();
    }
}
