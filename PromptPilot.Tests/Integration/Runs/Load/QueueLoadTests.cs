using System.Collections.Concurrent;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>A long line of runs: nothing in it is lost or doubled, and the portal stays quick and small beside it.</summary>
[Trait("Category", "Soak")]
public sealed class QueueLoadTests(PublishedBuild build)
{
    private const int Clients = 4;
    private const int Slots = 16;

    [Fact]
    public async Task ThreeHundredQueuedRuns_AreEachExecutedOnce()
    {
        var figures = await QueueAsync(300);

        figures.Memory.Should().BeLessThan(1000);
    }

    [Fact]
    public async Task TenThousandQueuedRuns_AreEachExecutedOnce_AndThePortalStaysQuick()
    {
        var count = Figures.FromEnvironment("SOAK_QUEUED", 10_000);

        var figures = await QueueAsync(count);

        Figures.Tell(
            $"queue: {count} runs, lost 0, doubled 0; enqueue p95 {figures.EnqueueP95:F0} ms, pages p95 {figures.PageP95:F0} ",
            $"ms while enqueuing and {figures.PageP95Executing:F0} ms while executing, most memory {figures.Memory:F0} MB, ",
            $"{count / figures.Drain.TotalSeconds:F0} runs/s on {Slots} slots"
        );
        figures.EnqueueP95.Should().BeLessThanOrEqualTo(100);
        figures.PageP95.Should().BeLessThanOrEqualTo(500);
        figures.PageP95Executing.Should().BeLessThanOrEqualTo(500);
        figures.Memory.Should().BeLessThanOrEqualTo(1000);
    }

    private sealed record Measured(double EnqueueP95, double PageP95, double PageP95Executing, double Memory, TimeSpan Drain);

    private async Task<Measured> QueueAsync(int count)
    {
        var gate = new TaskCompletionSource();
        var calls = new ConcurrentDictionary<string, int>();
        await using var model = await FakeModelServer.StartAsync();
        model.Script = call =>
        {
            calls.AddOrUpdate(call.Prompt, 1, (_, before) => before + 1);
            return FakeAnswer.Of("Done.") with { Gate = gate.Task };
        };
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["PromptPilot:Runs:MaxConcurrentRuns"] = $"{Slots}" }
        );
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        await using var visitor = await PageVisitor.StartAsync(portal.BaseAddress);
        var (ids, enqueue) = await EnqueueAsync(api, workflow, count);
        var enqueuing = visitor.Take();
        ids.Distinct().Should().HaveCount(count);
        (await api.FindAsync(ids[^1])).GetProperty("queuePosition").GetInt32().Should().BeInRange(1, count - Slots);

        var started = TimeProvider.System.GetTimestamp();
        gate.SetResult();
        await Eventually.HoldsAsync(
            async () => await IsEmptyAsync(api, "queued") && await IsEmptyAsync(api, "running"),
            "all runs to end",
            TimeSpan.FromSeconds(60 + (count / 10))
        );
        var drain = TimeProvider.System.GetElapsedTime(started);
        var executing = visitor.Take();

        (await SucceededAsync(api))
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(ids.Order(StringComparer.Ordinal), "each run that was accepted is there once, and succeeded");
        calls.Should().HaveCount(count).And.OnlyContain(call => call.Value == 1, "each run called the model once");
        return new Measured(Figures.P95(enqueue), Figures.P95(enqueuing), Figures.P95(executing), portal.Memory.Peak, drain);
    }

    /// <summary>Starts runs as programs do that do not wait for each other.</summary>
    /// <returns>Ids, and how long each start took in milliseconds.</returns>
    private static async Task<(List<string> Ids, List<double> Milliseconds)> EnqueueAsync(RunApi api, string workflow, int count)
    {
        var parts = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async client =>
                {
                    var (ids, milliseconds) = (new List<string>(), new List<double>());
                    for (var i = client; i < count; i += Clients)
                    {
                        var started = TimeProvider.System.GetTimestamp();
                        ids.Add(await api.StartRunAsync(workflow, $"run {i}."));
                        milliseconds.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
                    }

                    return (ids, milliseconds);
                })
        );
        return ([.. parts.SelectMany(part => part.ids)], [.. parts.SelectMany(part => part.milliseconds)]);
    }

    private static async Task<bool> IsEmptyAsync(RunApi api, string status) =>
        (await api.SendAsync(HttpMethod.Get, $"runs?limit=1&status={status}", null)).GetProperty("items").GetArrayLength() == 0;

    private static async Task<List<string>> SucceededAsync(RunApi api)
    {
        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await api.SendAsync(
                HttpMethod.Get,
                $"runs?limit=200&status=succeeded{(after is null ? "" : $"&after={after}")}",
                null
            );
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(run => run.Text("id")));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        } while (after is not null);
        return ids;
    }
}
