using System.Diagnostics;

namespace PromptPilot.Tests.Support;

/// <summary>Waits for a condition, with a limit. Tests never sleep for a guessed time.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="what">What is waited for, for the message of a failure.</param>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        HoldsAsync(() => Task.FromResult(condition()), what, limit);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null) =>
        await GetAsync(async () => await condition() ? "yes" : null, what, limit);

    /// <summary>Waits until there is a value.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> read, string what, TimeSpan? limit = null)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await read() is { } value)
            {
                return value;
            }

            if (clock.Elapsed > (limit ?? DefaultLimit))
            {
                throw new TimeoutException($"Waited {clock.Elapsed.TotalSeconds:0.0} s in vain for: {what}");
            }

            // What takes long is asked for less often: each question costs other tests their time.
            await Task.Delay(Pause(clock.Elapsed), TestContext.Current.CancellationToken);
        }
    }

    private static TimeSpan Pause(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 10, ShortestPause.Ticks, LongestPause.Ticks));
}
