using Microsoft.Extensions.Logging;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Starts waiting runs when their profile takes calls again: a call of another run has ended, a minute is over, or a provider's
/// Retry-After.
/// </summary>
internal sealed class LanePump(RunQueue queue, ProfileLanes lanes, RunExecutions executions, TimeProvider time, ILogger<LanePump> log)
    : SteadyService
{
    /// <summary>As often as the sweep, should a beat ever be missed.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>A time that has come and opens nothing, for example while the clock stands still, must not be looked at without end.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    protected override ILogger Logger => log;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken before the look: a lane that comes free or a run that comes to wait during it is not slept through.
            var (freed, added) = (lanes.Freed.Count, queue.Added.Count);
            await PumpAsync();
            await WaitAsync(freed, added, stoppingToken);
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
            Task.Delay(wait > ShortestWait ? wait : ShortestWait, time, over.Token)
        );
        await over.CancelAsync();
    }
}
