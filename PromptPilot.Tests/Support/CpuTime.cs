using System.Diagnostics;
using System.Globalization;

namespace PromptPilot.Tests.Support;

/// <summary>Measures CPU time of one thread, which other tests that run at the same time do not add to.</summary>
public static class CpuTime
{
    private const string Source = "/proc/thread-self/schedstat";

    /// <summary>Runs an action on a thread of its own, with the small stack of a thread pool's.</summary>
    /// <returns>Its CPU time; elapsed time where the system does not tell.</returns>
    public static TimeSpan Of(Action action)
    {
        var used = TimeSpan.Zero;
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    var before = Now();
                    action();
                    used = Now() - before;
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            },
            1024 * 1024
        );
        thread.Start();
        thread.Join();
        return failure is null ? used : throw new InvalidOperationException("The measured action failed.", failure);
    }

    private static TimeSpan Now() =>
        File.Exists(Source)
            ? TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText(Source).Split(' ')[0], CultureInfo.InvariantCulture) / 1000.0)
            : Stopwatch.GetElapsedTime(0);
}
