using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// A background worker that outlives its exceptions: what escapes its work is logged, and the work starts again after a pause. The
/// framework would stop the whole host. All workers derive from it, which a test checks.
/// </summary>
public abstract class SteadyService : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected abstract ILogger Logger { get; }

    /// <summary>The work, until the host stops. It may be called again after it failed.</summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backOff = new BackOff(FirstPause, LongestPause);
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            TimeSpan pause;
            try
            {
                await RunAsync(stoppingToken);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Work that ran well for a while begins with the short pause again.
                if (Stopwatch.GetElapsedTime(started) > LongestPause)
                {
                    backOff.Reset();
                }

                pause = backOff.Next();
                WorkMetrics.Failed(GetType().Name);
                Logger.LogError(exception, "{Worker} failed and restarts in {Seconds:0.0} s", GetType().Name, pause.TotalSeconds);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
