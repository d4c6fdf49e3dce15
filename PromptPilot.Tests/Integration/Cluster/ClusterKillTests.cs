using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>
/// Two hosts, killed in turns while runs are started, schedules fire and webhooks come: no run is lost, no completed step runs
/// again, no firing is lost or repeated, and the other host continues soon.
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
    public Task Kills_InTurns_LoseNothing() => KillInTurnsAsync(kills: 4, schedules: 10);

    [Fact]
    [Trait("Category", "Soak")]
    // With the webhook and the manual trigger, as many as a workflow can have.
    public Task Kills_InTurns_LoseNothing_Soak() => KillInTurnsAsync(Figures.FromEnvironment("SOAK_KILLS", 100), schedules: 98);

    private async Task KillInTurnsAsync(int kills, int schedules)
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(20, TimeSpan.FromMilliseconds(4));
        await using var cluster = await ClusterHost.StartAsync(build);
        using var httpA = cluster.A.CreateClient();
        using var httpB = cluster.B.CreateClient();
        var apis = new[] { new RunApi(httpA), new RunApi(httpB) };
        using var strangerA = cluster.A.CreateClient(null);
        using var strangerB = cluster.B.CreateClient(null);
        var strangers = new[] { strangerA, strangerB };
        var workflow = await apis[0].AddWorkflowAsync(await apis[0].AddProfileAsync(model.Endpoint), Diamond);
        await using var load = await ClusterLoad.StartAsync(apis[0], schedules);
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
                await load.TellAsync(strangers[i % 2]);
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
        await load.CheckAsync(cluster.A, apis[0], strangerA);
    }
}
