using System.Diagnostics;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>A host that is frozen past its lease: the other continues its run, and the host that wakes writes nothing.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class ClusterFreezeTests(PublishedBuild build)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
}
