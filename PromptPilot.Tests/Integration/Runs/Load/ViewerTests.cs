using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>
/// Many runs stream at once while many watch, some of them over slow lines: who watches, and how, is nothing to the runs.
/// </summary>
public sealed class ViewerTests(PublishedBuild build)
{
    /// <summary>20 kbit/s.</summary>
    private const int SlowBytesPerSecond = 20_000 / 8;

    /// <summary>Characters a token; so many that a slow viewer falls far behind.</summary>
    private static readonly string Token = new string('a', 199) + " ";

    [Fact]
    [Trait("Category", "Soak")]
    public async Task FortyStreams_WatchedByFiveAndASlowOne_AreWholeAndNotHeldUp()
    {
        var figures = await StreamAsync(
            new Load(Runs: 40, Viewers: 5, SlowViewers: 2, Tokens: 60, Pause: TimeSpan.FromMilliseconds(50), Turns: 1)
        );

        // The exact comparison is the long test's: here the machine may be busy with other tests.
        figures.WithSlow.Should().BeLessThan(figures.WithoutSlow * 1.5);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task TwoHundredStreams_WatchedByTwentyAndSlowOnes_AreWholeAndNotHeldUp()
    {
        var load = new Load(
            Runs: Figures.FromEnvironment("SOAK_STREAMS", 200),
            Viewers: 20,
            SlowViewers: 20,
            Tokens: 150,
            Pause: TimeSpan.FromMilliseconds(100),
            Turns: 3
        );

        var figures = await StreamAsync(load);

        Figures.Tell(
            $"viewers: {load.Runs} streams at once, {load.Viewers} viewers; run time {figures.WithoutSlow:F0} ms (model alone: ",
            $"{load.Tokens * load.Pause.TotalMilliseconds:F0} ms), with {load.SlowViewers} more at 20 kbit/s ",
            $"{figures.WithSlow:F0} ms ({100 * ((figures.WithSlow / figures.WithoutSlow) - 1):+0.0;-0.0} %), memory a slow ",
            $"viewer {figures.MegabytesAViewer:F2} MB"
        );
        figures.WithSlow.Should().BeInRange(figures.WithoutSlow * 0.95, figures.WithoutSlow * 1.05);
        figures.MegabytesAViewer.Should().BeLessThanOrEqualTo(1);
    }

    private sealed record Load(int Runs, int Viewers, int SlowViewers, int Tokens, TimeSpan Pause, int Turns);

    /// <summary>Medians over the turns.</summary>
    private sealed record Measured(double WithoutSlow, double WithSlow, double MegabytesAViewer);

    private async Task<Measured> StreamAsync(Load load)
    {
        var answer = new FakeAnswer { Tokens = [.. Enumerable.Repeat(Token, load.Tokens)], TokenDelay = load.Pause };
        await using var model = await FakeModelServer.StartAsync();
        model.Script = _ => answer;
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("essay", ["text"]));
        await StreamOnceAsync(portal, api, workflow, load, slowViewers: 0);
        var (without, with, memory) = (new List<double>(), new List<double>(), new List<double>());
        for (var turn = 0; turn < load.Turns; turn++)
        {
            var plain = await StreamOnceAsync(portal, api, workflow, load, slowViewers: 0);
            var slow = await StreamOnceAsync(portal, api, workflow, load, load.SlowViewers);
            without.Add(plain.RunTime);
            with.Add(slow.RunTime);
            memory.Add((slow.Memory - plain.Memory) / load.SlowViewers);
        }

        return new Measured(Figures.Median(without), Figures.Median(with), Figures.Median(memory));
    }

    /// <returns>The median of the runs' times in milliseconds, and the portal's memory in MB before the first run ended.</returns>
    private static async Task<(double RunTime, double Memory)> StreamOnceAsync(
        PublishedPortal portal,
        RunApi api,
        string workflow,
        Load load,
        int slowViewers
    )
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, load.Runs).Select(i => api.StartRunAsync(workflow, $"run {i}")));
        var viewers = await Task.WhenAll(
            Enumerable.Range(0, load.Viewers).Select(i => RunViewer.OpenAsync(portal.BaseAddress, runs[i % runs.Length]))
        );
        var slow = await Task.WhenAll(
            Enumerable.Range(0, slowViewers).Select(i => RunViewer.OpenAsync(portal.BaseAddress, runs[i % runs.Length], SlowBytesPerSecond))
        );

        await Eventually.HoldsAsync(
            () => viewers.All(viewer => viewer.Seen > Token.Length * load.Tokens * 9 / 10),
            "the viewers to see nine tenths",
            TimeSpan.FromSeconds(120)
        );
        slow.Count(viewer => viewer.Seen < Token.Length * load.Tokens * 9 / 10).Should().Be(slow.Length, "a slow viewer is behind");
        var memory = portal.Memory.Now;
        var times = new List<double>();
        foreach (var id in runs)
        {
            var run = await api.EndOfAsync(id, seconds: 120);
            run.Text("status").Should().Be("succeeded");
            times.Add(run.GetProperty("durationMs").GetDouble());
        }

        // Each viewer checks what it saw against what was recorded; a slow one sees it all the same, only later.
        foreach (var viewer in viewers.Concat(slow))
        {
            (await viewer.End.WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken))
                .Text("status")
                .Should()
                .Be("succeeded");
            await viewer.DisposeAsync();
        }

        return (Figures.Median(times), memory);
    }
}
