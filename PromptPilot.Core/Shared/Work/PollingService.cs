using Microsoft.Extensions.Logging;

namespace PromptPilot.Core.Shared.Work;

/// <summary>
/// A worker that polls for due work: when it is signaled, when the next work is due, and at a regular interval in any case. A failed poll
/// is repeated with a back-off.
/// </summary>
public abstract class PollingService : SteadyService
{
    /// <summary>Interval of checks for work that another host has created.</summary>
    private static readonly TimeSpan SharedInterval = TimeSpan.FromSeconds(2);

    private readonly BackOff _backOff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    protected abstract TimeProvider Time { get; }

    /// <summary>The longest time between two polls.</summary>
    protected abstract TimeSpan PollInterval { get; }

    /// <summary>The shortest time between two polls.</summary>
    protected virtual TimeSpan ShortestInterval => TimeSpan.Zero;

    /// <summary>The duty that this work belongs to; null: every host does it.</summary>
    protected virtual Duty? Duty => null;

    /// <summary>Waits for anything that the first poll depends on.</summary>
    protected abstract Task PrepareAsync(CancellationToken stoppingToken);

    /// <summary>Starts to listen before a poll, so that no signal is missed.</summary>
    /// <returns>A wait for anything signaled since then.</returns>
    protected abstract Func<CancellationToken, Task> Listen();

    /// <summary>Does what is due.</summary>
    /// <returns>The time of the next due work; null if there is none.</returns>
    protected abstract Task<DateTime?> PollAsync(CancellationToken cancellationToken);

    protected sealed override async Task RunAsync(CancellationToken stoppingToken)
    {
        await PrepareAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await (Duty?.WaitUntilMineAsync(stoppingToken) ?? Task.CompletedTask);
            var signal = Listen();
            try
            {
                var next = await PollAsync(stoppingToken);
                _backOff.Reset();
                await Task.Delay(ShortestInterval, Time, stoppingToken);
                await WaitAsync(signal, next, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                var pause = _backOff.Next();
                WorkMetrics.Failed(GetType().Name);
                Logger.LogError(exception, "{Worker} failed; retrying in {Seconds:0} s", GetType().Name, pause.TotalSeconds);
                await Task.Delay(pause, Time, stoppingToken);
            }
        }
    }

    private async Task WaitAsync(Func<CancellationToken, Task> signal, DateTime? next, CancellationToken stoppingToken)
    {
        var longest = Duty is { IsShared: true } && PollInterval > SharedInterval ? SharedInterval : PollInterval;
        var wait = next - Time.GetUtcNow().UtcDateTime is { } until && until < longest ? until : longest;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(signal(ended.Token), Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Time, ended.Token));
        await ended.CancelAsync();
    }
}
