using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// Shows changes as they come, at most once a second. After any error it logs, reports the interruption, subscribes again and reads
/// what was missed.
/// </summary>
internal sealed class LiveLoop(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _subscribed = new();

    /// <summary>Completes with the first subscription, whether it succeeded or not.</summary>
    public Task Subscribed => _subscribed.Task;

    /// <summary>Runs until it is cancelled or the subscription is refused. Never throws.</summary>
    /// <param name="subscribe">Gives a watch, which is disposed at the end if it can be.</param>
    /// <param name="next">Completes when something has changed since the last call.</param>
    /// <param name="show">Reads and renders.</param>
    /// <param name="interrupted">Called with true after an error, and with false once changes are shown again.</param>
    /// <param name="left">Cancelled when the page is left.</param>
    public async Task RunAsync<TWatch>(
        Func<CancellationToken, Task<Result<TWatch>>> subscribe,
        Func<TWatch, CancellationToken, Task> next,
        Func<Task> show,
        Action<bool> interrupted,
        CancellationToken left
    )
    {
        var failures = 0;
        while (!left.IsCancellationRequested)
        {
            try
            {
                var result = await subscribe(left);
                if (!result.IsOk)
                {
                    return;
                }

                using var disposal = result.Value as IDisposable;
                _subscribed.TrySetResult();
                if (failures > 0)
                {
                    await show();
                    failures = 0;
                    interrupted(false);
                }

                while (true)
                {
                    await next(result.Value, left);
                    await show();
                    await Task.Delay(Rest, time, left);
                }
            }
            catch (OperationCanceledException) when (left.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures++;
                logger.LogError(exception, "Live updates of a page failed; reconnecting, attempt {Failures}", failures);
            }
            finally
            {
                _subscribed.TrySetResult();
            }

            // The pause begins before it is reported, so that it is never longer than reported.
            var pause = PauseAsync(failures, time, left);
            interrupted(true);
            await pause;
        }
    }

    /// <summary>Waits before the next attempt, longer after each failure. Ends early, without an exception, when cancelled.</summary>
    internal static async Task PauseAsync(int failures, TimeProvider time, CancellationToken left)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures - 1)));
        await Task.Delay(pause, time, left)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
