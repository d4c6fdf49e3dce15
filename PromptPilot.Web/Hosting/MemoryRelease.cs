using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Returns memory to the system when the portal rests after work: after the start, after long answers, after many open pages. The runtime
/// collects only when something new is allocated, and a resting portal allocates next to nothing.
/// </summary>
internal sealed class MemoryRelease(TimeProvider time, ILogger<MemoryRelease> log) : SteadyService
{
    /// <summary>Less than this in one interval is rest, in bytes. Regular checks of the workers are far below.</summary>
    private const long Rest = 4 << 20;

    /// <summary>Less than this since the last collection is not worth its pause, in bytes.</summary>
    private const long Worth = 32 << 20;

    private long _collected;
    private long _seen;

    /// <summary>Time between two looks. Also the shortest time between two collections, which stop all threads for about 50 ms.</summary>
    internal static TimeSpan Interval { get; } = TimeSpan.FromSeconds(10);

    protected override ILogger Logger => log;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (IsDue(GC.GetTotalAllocatedBytes()))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
    }

    /// <summary>Called once in each interval.</summary>
    /// <param name="allocated">All bytes allocated since the process began.</param>
    internal bool IsDue(long allocated)
    {
        var isResting = allocated - _seen < Rest;
        _seen = allocated;
        if (!isResting || allocated - _collected < Worth)
        {
            return false;
        }

        _collected = allocated;
        return true;
    }
}
