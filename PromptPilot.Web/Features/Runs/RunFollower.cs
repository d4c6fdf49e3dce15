using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs;

/// <summary>Follows one run for a page. Changes are shown immediately after a pause, and at most ten times a second.</summary>
internal sealed class RunFollower(TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>How often clock and live bars are updated while no text arrives.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private CancellationTokenSource? _stop;
    private Task _following = Task.CompletedTask;

    /// <summary>The current state to show.</summary>
    public RunPageModel Look(RunWatch watch) =>
        RunPageModel.Of(
            watch.State with
            {
                QueuePosition = watch.QueuePosition,
            },
            (step, attempt) => TextOf(watch, step, attempt),
            time.GetUtcNow().UtcDateTime
        );

    /// <summary>
    /// Follows until the run has ended or <see cref="StopAsync"/>, beside the circuit, so that Markdown is not rendered on its thread.
    /// After an error it watches again.
    /// </summary>
    /// <param name="watch">Disposed at the end.</param>
    /// <param name="reopen">Watches the same run again.</param>
    /// <param name="show">Shows a state; the next one waits for it.</param>
    /// <param name="interrupted">Told true after an error, and false once changes are shown again.</param>
    public void Start(
        RunWatch watch,
        Func<CancellationToken, Task<Result<RunWatch>>> reopen,
        Func<RunPageModel, Task> show,
        Func<bool, Task> interrupted
    )
    {
        _stop = new CancellationTokenSource();
        var stopped = _stop.Token;

        // Not cancelled before it starts: it has to dispose the watch.
        _following = Task.Run(() => RunAsync(watch, reopen, show, interrupted, stopped), CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_stop is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _following;
        _stop?.Dispose();
        _stop = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync(
        RunWatch? watch,
        Func<CancellationToken, Task<Result<RunWatch>>> reopen,
        Func<RunPageModel, Task> show,
        Func<bool, Task> interrupted,
        CancellationToken stopped
    )
    {
        for (var failures = 0; ; )
        {
            try
            {
                if (watch is null)
                {
                    var again = await reopen(stopped);
                    if (!again.IsOk)
                    {
                        return;
                    }

                    watch = again.Value;
                    await show(Look(watch));
                    await interrupted(false);
                }

                using (watch)
                {
                    await FollowAsync(watch, show, stopped);
                    return;
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures++;
                logger.LogError(exception, "Following a run failed; reconnecting, attempt {Failures}", failures);
                watch = null;
                await interrupted(true);
            }

            await LiveLoop.PauseAsync(failures, time, stopped);
        }
    }

    private async Task FollowAsync(RunWatch watch, Func<RunPageModel, Task> show, CancellationToken stopped)
    {
        var changed = watch.NextAsync(stopped);
        while (true)
        {
            if (await FirstAsync(changed, stopped))
            {
                var more = await changed;
                changed = more ? watch.NextAsync(stopped) : changed;
                await show(Look(watch));
                if (!more)
                {
                    return;
                }

                // Tokens that arrive meanwhile are shown together. The first token after a pause is shown immediately.
                await Task.Delay(Frame, time, stopped);
            }
            else
            {
                await show(Look(watch));
            }
        }
    }

    /// <summary>Whether a change came before the next tick.</summary>
    private async Task<bool> FirstAsync(Task<bool> changed, CancellationToken stopped)
    {
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        var first = await Task.WhenAny(changed, Task.Delay(Tick, time, tick.Token));
        await tick.CancelAsync();
        return first == changed;
    }

    private static MarkdownView? TextOf(RunWatch watch, StepState step, AttemptState attempt) =>
        watch.TextOf(step.StepId, attempt.ItemIndex, attempt.Attempt) is { } live ? MarkdownStream.Of(live).Update(live) : null;
}
