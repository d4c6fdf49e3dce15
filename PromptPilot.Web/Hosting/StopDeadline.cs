using System.Diagnostics;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Ends the process when a stop takes too long, whatever hangs: a worker that hears no cancellation, a disk that does not answer. What was
/// committed is safe, and what was under way is taken up at the next start, as after a crash.
/// </summary>
internal sealed class StopDeadline(IHostApplicationLifetime lifetime, ILogger<StopDeadline> log)
{
    /// <summary>The time that workers get to stop on their own.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>From the request to stop to the end of the process; under the 45 s that the deployment files allow.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(35);

    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(3);

    /// <summary>Watches this host's stop. For a host that has its process to itself.</summary>
    public void Arm() =>
        lifetime.ApplicationStopping.Register(() =>
            // A separate thread, since the thread pool itself may be stuck.
            new Thread(End) { IsBackground = true, Name = "stop deadline" }.Start()
        );

    private void End()
    {
        Thread.Sleep(Limit);

        // The one who logs may hang too.
        new Thread(Kill) { IsBackground = true, Name = "stop deadline" }.Start();
        log.LogCritical(
            "The portal did not stop within {Seconds} s and was terminated; unfinished work resumes at the next start",
            Limit.TotalSeconds
        );
        Environment.Exit(1);
    }

    private static void Kill()
    {
        Thread.Sleep(LastPatience);
        Process.GetCurrentProcess().Kill();
    }
}
