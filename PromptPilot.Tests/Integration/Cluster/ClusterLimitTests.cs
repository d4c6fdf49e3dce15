using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>The limits of a model profile, as its provider sees them, while one of two hosts is killed.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class ClusterLimitTests(PublishedBuild build)
{
    private const int Concurrent = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_OfTwoHosts_StayWithinTheLimits_AndThoseOfAKilledHostComeBack()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(10, TimeSpan.FromMilliseconds(10));
        await using var cluster = await ClusterHost.StartAsync(build);
        using var httpA = cluster.A.CreateClient();
        using var httpB = cluster.B.CreateClient();
        var (a, b) = (new RunApi(httpA), new RunApi(httpB));
        var runs = await StartAsync(a, b, model, perMinute: 20, runs: 30);
        await model.WaitAsync(m => m.Calls.Count >= 6, Cancellation);

        await cluster.A.KillAsync();

        await model.WaitAsync(m => m.Calls.Count >= 20, Cancellation, seconds: 40);
        await Eventually.HoldsAsync(
            async () => (await StatusesAsync(b, runs)).All(status => status is "succeeded" or "waiting"),
            "the other runs to wait for the next minute",
            TimeSpan.FromSeconds(40)
        );
        model.Calls.Should().HaveCount(20);
        model.MostAtOnce.Should().BeLessThanOrEqualTo(Concurrent);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Calls_OfTwoHosts_StayWithinTheLimits_OverMinutes_Soak()
    {
        const int PerMinute = 60;
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(20, TimeSpan.FromMilliseconds(20));
        await using var cluster = await ClusterHost.StartAsync(build);
        using var httpA = cluster.A.CreateClient();
        using var httpB = cluster.B.CreateClient();
        var (a, b) = (new RunApi(httpA), new RunApi(httpB));
        var runs = await StartAsync(a, b, model, PerMinute, runs: 200);
        await model.WaitAsync(m => m.Calls.Count >= PerMinute / 2, Cancellation, seconds: 60);
        await cluster.A.KillAsync();
        await model.WaitAsync(m => m.Calls.Count > PerMinute * 3 / 2, Cancellation, seconds: 150);
        await cluster.A.StartAgainAsync();
        foreach (var run in runs)
        {
            (await b.EndOfAsync(run, seconds: 300)).Text("status").Should().Be("succeeded");
        }

        var starts = model.Calls.Select(call => call.At).Order().ToList();
        // A call arrives a little after it was permitted, by which a minute of permits is shorter or longer.
        var most = starts.Max(first => starts.Count(at => at >= first && at < first.AddSeconds(58)));
        Figures.Tell($"calls {starts.Count}: at most {model.MostAtOnce} at once and {most} in a minute");
        most.Should().BeLessThanOrEqualTo(PerMinute);
        model.MostAtOnce.Should().BeLessThanOrEqualTo(Concurrent);
    }

    private static async Task<List<string>> StartAsync(RunApi a, RunApi b, FakeModelServer model, int perMinute, int runs)
    {
        var limits = new { concurrentCalls = Concurrent, requestsPerMinute = perMinute };
        var workflow = await a.AddWorkflowAsync(await a.AddProfileAsync(model.Endpoint, limits: limits), ("one", ["text"]));
        var started = new List<string>();
        for (var i = 0; i < runs; i++)
        {
            started.Add(await (i % 2 == 0 ? a : b).StartRunAsync(workflow, $"run {i}."));
        }

        return started;
    }

    private static async Task<string[]> StatusesAsync(RunApi api, IEnumerable<string> runs) =>
        await Task.WhenAll(runs.Select(async run => (await api.FindAsync(run)).Text("status")));
}
