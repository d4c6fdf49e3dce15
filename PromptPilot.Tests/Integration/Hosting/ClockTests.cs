using System.Diagnostics;
using System.Globalization;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>
/// The published portal on a system clock that is set while it runs, by libfaketime. Time that passes is the real one, as it is where an
/// admin or a time server sets the clock.
/// </summary>
[Trait("Category", "Soak")]
public sealed class ClockTests(PublishedBuild build)
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Clock_SetBackSetForwardAndStandingStill_BurnsNoCore_AndSchedulesGoOn()
    {
        Assert.SkipUnless(File.Exists(Library), "libfaketime is not installed.");
        using var directory = new TempDirectory();
        var clock = directory.File("clock");
        await SetAsync(clock, "+0");
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?>
            {
                ["LD_PRELOAD"] = Library,
                ["FAKETIME_TIMESTAMP_FILE"] = clock,
                ["FAKETIME_NO_CACHE"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                // Its fix for an old C library makes timed waits of this one return at once, so that all timers spin.
                ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
            }
        );
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new
            {
                type = "scheduled",
                enabled = true,
                inputs = new { text = "hello" },
                schedule = new { cron = "* * * * *", timeZone = "UTC" },
            }
        );
        await FiredAsync(portal, 1, "the first firing");

        await SetAsync(clock, "-2d");
        await FiredAsync(portal, 1, "a firing after the clock was set back");
        var used = new List<(string Clock, double Cores)> { ("-2d", await CoresAsync(portal)) };

        await SetAsync(clock, "+3d");
        await FiredAsync(portal, 1, "a firing after the clock was set forward");
        used.Add(("+3d", await CoresAsync(portal)));
        foreach (var days in new[] { 3, 6, -6 })
        {
            // A date stands still.
            await SetAsync(clock, DateTime.Now.AddDays(days).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            used.Add(($"stands still at {days:+0;-0} d", await CoresAsync(portal)));
        }

        await SetAsync(clock, "+0");
        await FiredAsync(portal, 1, "a firing after the clock was right again");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(Environment.NewLine, used));
        used.Should().OnlyContain(one => one.Cores < 0.5);
        portal.RequestStop();
        (await portal.WaitForEndAsync(TimeSpan.FromSeconds(40))).Should().Be(0);
    }

    /// <summary>Written beside and moved, so that it is never read half.</summary>
    private static async Task SetAsync(string file, string time)
    {
        await File.WriteAllTextAsync(file + ".new", time, TestContext.Current.CancellationToken);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static async Task FiredAsync(PublishedPortal portal, int more, string what)
    {
        const string Fired = "SELECT count(*) FROM \"TriggerFirings\" WHERE \"Outcome\" = 'Fired'";
        var before = await portal.CountAsync(Fired);
        await Eventually.HoldsAsync(async () => await portal.CountAsync(Fired) >= before + more, what, TimeSpan.FromSeconds(130));
    }

    private static async Task<double> CoresAsync(PublishedPortal portal)
    {
        using var process = Process.GetProcessById(portal.ProcessId);
        var (clock, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        await Eventually.HoldsAsync(() => clock.Elapsed > Watch, "the time to pass");
        process.Refresh();
        return (process.TotalProcessorTime - before) / clock.Elapsed;
    }
}
