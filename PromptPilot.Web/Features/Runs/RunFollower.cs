using PromptPilot.Core.Runs.Feed;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Web.Features.Runs;

/// <summary>Follows one run for a page: what changed is shown at once after a pause, and at most ten times a second.</summary>
internal sealed class RunFollower(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>How often clock and live bars move while no text comes.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private CancellationTokenSource? _stop;
    private Task _following = Task.CompletedTask;

    /// <summary>What there is to see now.</summary>
    public RunPageModel Look(RunWatch watch) =>
        RunPageModel.Of(
            watch.View with
            {
                QueuePosition = watch.QueuePosition,
            },
            (step, attempt) => TextOf(watch, step, attempt),
            time.GetUtcNow().UtcDateTime
        );

    /// <summary>
    /// Follows until the run has ended or <see cref="StopAsync"/>, beside the circuit, so that Markdown is not rendered on its thread.
    /// </summary>
    /// <param name="watch">Disposed at the end.</param>
    /// <param name="show">Shows a state; the next one waits for it.</param>
    public void Start(RunWatch watch, Func<RunPageModel, Task> show)
    {
        _stop = new CancellationTokenSource();
        var stopped = _stop.Token;
        _following = Task.Run(() => FollowAsync(watch, show, stopped), CancellationToken.None);
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

    private async Task FollowAsync(RunWatch watch, Func<RunPageModel, Task> show, CancellationToken stopped)
    {
        using (watch)
        {
            try
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

                        // What arrives meanwhile is shown together; a first token after a pause is shown at once.
                        await Task.Delay(Frame, time, stopped);
                    }
                    else
                    {
                        await show(Look(watch));
                    }
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                // The viewer has left.
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

    private static MarkdownView TextOf(RunWatch watch, StepView step, AttemptView attempt) =>
        watch.TextOf(step.StepId, attempt.ItemIndex, attempt.Attempt) is { } live
            ? MarkdownStream.Of(live).Update(live)
            : MarkdownStream.Of(attempt.Text);
}
