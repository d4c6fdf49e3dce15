using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>
/// Two hosts, killed in turns or frozen: no run is lost, no completed step runs again, and the other host continues soon.
/// </summary>
[Trait("Database", "PostgreSQL")]
public sealed class ClusterKillTests(PublishedBuild build)
{
    private const int RunsPerKill = 4;

    private static readonly (string, string[])[] Diamond =
    [
        ("top", ["text"]),
        ("left", ["top"]),
        ("right", ["top"]),
        ("bottom", ["left", "right"]),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Kills_InTurns_LoseNothing() => KillInTurnsAsync(kills: 12);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Kills_InTurns_LoseNothing_Soak() => KillInTurnsAsync(Figures.FromEnvironment("SOAK_KILLS", 100));

    [Fact]
    public Task Host_FrozenLongerThanItsLease_WritesNothingWhenItWakes() => FreezeAsync(TimeSpan.Zero);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Host_FrozenForAMinute_WritesNothingWhenItWakes_Soak() => FreezeAsync(TimeSpan.FromMinutes(1));

    /// <param name="atLeast">The host stays frozen for at least this time.</param>
    private async Task FreezeAsync(TimeSpan atLeast)
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call =>
            call.Prompt.StartsWith("two:", StringComparison.Ordinal) && !gate.Task.IsCompleted
                ? FakeAnswer.Of("a late answer") with
                {
                    Gate = gate.Task,
                    GateAfter = 1,
                }
                : null;
        await using var cluster = await ClusterHost.StartAsync(build);
        using var httpA = cluster.A.CreateClient();
        using var httpB = cluster.B.CreateClient();
        var (a, b) = (new RunApi(httpA), new RunApi(httpB));
        var run = await a.StartRunAsync(
            await a.AddWorkflowAsync(await a.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]))
        );
        await model.WaitAsync(m => m.CountOf("two:") == 1, Cancellation);

        cluster.A.Freeze();
        var watch = Stopwatch.StartNew();
        await model.WaitAsync(m => m.CountOf("two:") == 2, Cancellation, seconds: 30);
        gate.SetResult();
        var ended = await b.EndOfAsync(run);
        await Eventually.HoldsAsync(() => watch.Elapsed > atLeast, "the host to be frozen long enough", TimeSpan.FromSeconds(70));
        cluster.A.Thaw();

        await Eventually.HoldsAsync(
            () => cluster.A.Log.Any(line => line.Contains("no longer belongs to this executor", StringComparison.Ordinal)),
            "the host that woke up to notice that it has lost the run",
            TimeSpan.FromSeconds(30)
        );
        ended.Text("status").Should().Be("succeeded");
        (await b.FindAsync(run)).GetRawText().Should().Be(ended.GetRawText(), "the host that woke up wrote nothing");
        model.CountOf("one:").Should().Be(1);
        model.CountOf("two:").Should().Be(2);
    }

    private async Task KillInTurnsAsync(int kills)
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(20, TimeSpan.FromMilliseconds(4));
        await using var cluster = await ClusterHost.StartAsync(build);
        using var httpA = cluster.A.CreateClient();
        using var httpB = cluster.B.CreateClient();
        var apis = new[] { new RunApi(httpA), new RunApi(httpB) };
        var workflow = await apis[0].AddWorkflowAsync(await apis[0].AddProfileAsync(model.Endpoint), Diamond);
        var random = new Random(2020);
        var failovers = new List<double>();
        var runs = new List<JsonElement>();
        for (var kill = 0; kill < kills; kill++)
        {
            var (victim, survivor) = (kill % 2 == 0 ? cluster.A : cluster.B, apis[(kill + 1) % 2]);
            var before = model.Calls.Count;
            var started = new List<string>();
            for (var i = 0; i < RunsPerKill; i++)
            {
                started.Add(await apis[i % 2].StartRunAsync(workflow, $"run {kill}-{i}."));
            }

            var calls = before + random.Next(1, RunsPerKill * 3);
            await model.WaitAsync(m => m.Calls.Count >= calls, Cancellation);
            await victim.KillAsync();
            var watch = Stopwatch.StartNew();
            var back = victim.StartAgainAsync();
            foreach (var id in started)
            {
                runs.Add(await survivor.EndOfAsync(id, seconds: 40));
            }

            failovers.Add(watch.Elapsed.TotalSeconds);
            await back;
        }

        runs.Select(run => run.Text("status")).Should().AllBe("succeeded");
        var logs = runs.SelectMany(run => run.GetProperty("steps").EnumerateArray())
            .Select(step => step.GetProperty("logs").EnumerateArray().Select(log => log.Text("status")).ToList())
            .ToList();
        var interrupted = logs.Sum(step => step.Count - 1);
        Figures.Tell(
            $"kills {kills}, runs {runs.Count}: lost 0, attempts interrupted {interrupted}, calls {model.Calls.Count} for ",
            $"{logs.Count} steps, from the kill to the end of all runs: median {Figures.Median(failovers):F1} s, ",
            $"longest {failovers.Max():F1} s with leases of {ClusterHost.LeaseSeconds} s"
        );
        logs.Should().AllSatisfy(step => step.Count(status => status == "success").Should().Be(1));
        logs.Should().AllSatisfy(step => step[^1].Should().Be("success", "what succeeded never runs again"));
        model.Calls.Count.Should().BeLessThanOrEqualTo(logs.Count + interrupted, "only an attempt that was in flight is called again");
        failovers.Max().Should().BeLessThan(30);
    }
}
