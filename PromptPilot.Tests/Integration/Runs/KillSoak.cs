using System.Diagnostics;
using System.Globalization;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// Kills the published portal again and again at random moments, and counts what was lost or done twice. Long: runs by <c>./test.sh
/// --soak</c>.
/// </summary>
[Trait("Category", "Soak")]
public sealed class KillSoak(PublishedBuild build)
{
    private const int RunsPerKill = 6;

    private static readonly (string, string[])[] Diamond =
    [
        ("top", ["text"]),
        ("left", ["top"]),
        ("right", ["top"]),
        ("bottom", ["left", "right"]),
    ];

    /// <summary>How many kills; <c>SOAK_KILLS</c> changes it.</summary>
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("SOAK_KILLS") ?? "100", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Kills_AtRandomMoments_LoseNothingAndRepeatAtMostWhatWasInFlight()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(40, TimeSpan.FromMilliseconds(4));
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Diamond);
        var random = new Random(4711);
        var runs = new List<string>();
        var slowest = TimeSpan.Zero;
        for (var kill = 0; kill < Kills; kill++)
        {
            var started = new List<string>();
            for (var i = 0; i < RunsPerKill; i++)
            {
                started.Add(await api.StartRunAsync(workflow, $"run {kill}-{i}."));
            }

            var calls = model.Calls.Count + random.Next(0, RunsPerKill * 2);
            await model.WaitAsync(m => m.Calls.Count >= calls, TestContext.Current.CancellationToken);
            await portal.KillAsync();
            await portal.StartAgainAsync();
            var watch = Stopwatch.StartNew();
            foreach (var id in started)
            {
                (await api.EndOfAsync(id)).Text("status").Should().Be("succeeded");
            }

            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            runs.AddRange(started);
        }

        var repeatedItems = 0;
        var interrupted = 0;
        foreach (var id in runs)
        {
            var steps = (await api.FindAsync(id)).GetProperty("steps").EnumerateArray().ToList();
            repeatedItems += steps.Count(step =>
                step.GetProperty("logs").EnumerateArray().Count(log => log.Text("status") == "success") != 1
            );
            interrupted += steps.Sum(step => step.GetProperty("logs").EnumerateArray().Count(log => log.Text("status") != "success"));
        }

        var expected = runs.Count * Diamond.Length;
        TestContext.Current.SendDiagnosticMessage(
            "kills {0}, runs {1}: lost 0, completed items repeated {2}, attempts interrupted {3}, calls {4} for {5} items, "
                + "slowest resume to end {6:F1} s",
            Kills,
            runs.Count,
            repeatedItems,
            interrupted,
            model.Calls.Count,
            expected,
            slowest.TotalSeconds
        );
        repeatedItems.Should().Be(0);
        model.Calls.Count.Should().BeLessThanOrEqualTo(expected + interrupted, "only an attempt that was in flight is called again");
    }

    [Fact]
    public async Task Kills_OfRunsThatUseAllOptions_LoseNothingAndRepeatAtMostWhatWasInFlight()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build, AllOptions.Settings);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var options = new AllOptions(api, model);
        var workflow = await options.PublishAsync(TimeSpan.FromMilliseconds(4));
        var random = new Random(1147);
        var (runs, interrupted, mostInterrupted, slowest) = (0, 0, 0, TimeSpan.Zero);
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = model.Calls.Count;
            var text = $"kill {kill}.";
            var started = new List<string> { await api.StartRunAsync(workflow, text), await api.StartRunAsync(workflow, text) };
            var calls = before + random.Next(0, 20);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var people = Task.WhenAll(started.Select(id => options.FinishAsync(id, TimeSpan.FromSeconds(60))));
            await Task.WhenAny(model.WaitAsync(m => m.Calls.Count >= calls, stop.Token, seconds: 60), people);
            await portal.KillAsync();
            await Task.WhenAny(people);
            _ = people.Exception;
            await portal.StartAgainAsync();
            var watch = Stopwatch.StartNew();
            var logs = 0;
            foreach (var id in started)
            {
                var run = await options.FinishAsync(id, TimeSpan.FromSeconds(60));
                var broken = AllOptions.Check(run, text);
                interrupted += broken;
                mostInterrupted = Math.Max(mostInterrupted, broken);
                logs += run.GetProperty("steps").EnumerateArray().Sum(step => step.GetProperty("logs").GetArrayLength());
                runs++;
            }

            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            model
                .Calls.Skip(before)
                .Count(call => call.Prompt.Contains(text, StringComparison.Ordinal))
                .Should()
                .BeLessThanOrEqualTo(logs, "only an attempt that was in flight is called again");
        }

        TestContext.Current.SendDiagnosticMessage(
            "all options: kills {0}, runs {1}: lost 0, completed items repeated 0, attempts interrupted {2} (at most {3} in a "
                + "run, which has up to 3 in flight), slowest resume to end {4:F1} s",
            Kills,
            runs,
            interrupted,
            mostInterrupted,
            slowest.TotalSeconds
        );
    }
}
