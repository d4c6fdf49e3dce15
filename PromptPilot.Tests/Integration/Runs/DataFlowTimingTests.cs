using System.Diagnostics;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Tests that measure time run alone: beside others they would measure those.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class DataFlowTimingTests
{
    /// <summary>In seconds: three levels of half a second, and a twentieth of a second for each.</summary>
    private const double Limit = 3 * (0.5 + 0.05);

    [Fact]
    public async Task Diamond_OfTenSteps_TakesHardlyMoreThanItsCriticalPath()
    {
        await using var bench = await RunBench.StartAsync();
        bench.Model.Default = FakeAnswer.Of("ok") with { FirstTokenDelay = TimeSpan.FromSeconds(0.5) };
        string[] middle = ["a", "b", "c", "d", "e", "f", "g", "h"];
        var workflow = await bench.AddWorkflowAsync([
            ("top", ["text"]),
            .. middle.Select(key => (key, new[] { "top" })),
            ("bottom", middle),
        ]);
        await bench.Api.RunAsync(workflow);

        var times = new List<double>();
        for (var i = 0; i < 3 && (i == 0 || times.Min() >= Limit); i++)
        {
            var watch = Stopwatch.StartNew();
            (await bench.Api.RunAsync(workflow)).Text("status").Should().Be("succeeded");
            times.Add(watch.Elapsed.TotalSeconds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"ten steps in a diamond, critical path 1.500 s: {string.Join(", ", times.Select(time => $"{time:F3} s"))}"
        );
        times
            .Min()
            .Should()
            .BeLessThan(Limit, "three levels of half a second each are the critical path, and independent steps run in parallel");
    }
}
