using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// A worker that looks for what is due: when something tells that there may be, when the next is due, and every so often anyway. A look that
/// fails is repeated with a back-off.
/// </summary>
public abstract class LookingService : SteadyService
{
    private readonly BackOff _backOff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    protected abstract TimeProvider Time { get; }

    /// <summary>The longest time between two looks.</summary>
    protected abstract TimeSpan LookEvery { get; }

    /// <summary>The shortest.</summary>
    protected virtual TimeSpan Rest => TimeSpan.Zero;

    /// <summary>Waits for what has to be there before the first look.</summary>
    protected abstract Task PrepareAsync(CancellationToken stoppingToken);

    /// <summary>Begins to listen, before the look, so that nothing is missed meanwhile.</summary>
    /// <returns>Waits for what was told since then.</returns>
    protected abstract Func<CancellationToken, Task> Listen();

    /// <summary>Does what is due.</summary>
    /// <returns>When to look again; null: nothing is planned.</returns>
    protected abstract Task<DateTime?> LookOnceAsync(CancellationToken cancellationToken);

    protected sealed override async Task RunAsync(CancellationToken stoppingToken)
    {
        await PrepareAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var told = Listen();
            try
            {
                var next = await LookOnceAsync(stoppingToken);
                _backOff.Reset();
                await Task.Delay(Rest, Time, stoppingToken);
                await WaitAsync(told, next, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                var pause = _backOff.Next();
                WorkMetrics.Failed(GetType().Name);
                Logger.LogError(exception, "{Worker} failed; it looks again in {Seconds:0} s", GetType().Name, pause.TotalSeconds);
                await Task.Delay(pause, Time, stoppingToken);
            }
        }
    }

    private async Task WaitAsync(Func<CancellationToken, Task> told, DateTime? next, CancellationToken stoppingToken)
    {
        var wait = next - Time.GetUtcNow().UtcDateTime is { } until && until < LookEvery ? until : LookEvery;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(told(ended.Token), Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Time, ended.Token));
        await ended.CancelAsync();
    }
}
