using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>
/// kill -9 of the published portal in the middle of an experiment: nothing is lost, and only what was in flight is paid twice.
/// </summary>
[Trait("Category", "Soak")]
public sealed class ExperimentKillTests(PublishedBuild build)
{
    private const int Cases = 20;
    private const int Repetitions = 5;
    private const int Calls = Cases * Repetitions * 2;

    /// <summary>A quarter of the profile's calls.</summary>
    private const int InFlight = 4;

    [Fact]
    public async Task Kill_AtFivePoints_LosesNothing_AndRepeatsOnlyWhatWasInFlight()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var world = await ExperimentWorld.CreateAsync(api, model, new { concurrentCalls = 4 * InFlight });
        model.Script = call => ExperimentWorld.Script(call) with { TokenDelay = TimeSpan.FromMilliseconds(10) };
        var setId = await world.AddSetAsync(Cases);
        var request = new
        {
            testSetId = setId,
            repetitions = Repetitions,
            variants = new[]
            {
                new { version = "1.0.0", modelProfileId = world.ProfileId },
                new { version = "latest", modelProfileId = world.ProfileId },
            },
        };
        var id = (await api.SendAsync(HttpMethod.Post, "experiments", request)).Text("id");
        foreach (var point in new[] { 20, 60, 100, 140, 180 })
        {
            await Eventually.HoldsAsync(
                async () => (await api.SendAsync(HttpMethod.Get, $"experiments/{id}", null)).GetProperty("done").GetInt32() >= point,
                $"{point} calls",
                TimeSpan.FromSeconds(60)
            );
            await portal.KillAsync();
            await portal.StartAgainAsync();
        }

        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, $"experiments/{id}", null)).Text("status") == "finished",
            "the experiment to end",
            TimeSpan.FromSeconds(60)
        );
        var view = await api.SendAsync(HttpMethod.Get, $"experiments/{id}", null);
        view.GetProperty("done").GetInt32().Should().Be(Calls);
        view.GetProperty("variants")[0].GetProperty("errors").GetInt32().Should().Be(0);
        view.GetProperty("variants")[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(Calls / 2);
        (await portal.CountAsync("SELECT count(*) FROM \"ExecutionLogs\" WHERE \"Status\" = 'Success'")).Should().Be(Calls);
        (await portal.CountAsync("SELECT count(*) FROM \"WorkflowRuns\"")).Should().Be(Calls, "a start that was interrupted finds its run");
        TestContext.Current.TestOutputHelper?.WriteLine($"{model.Calls.Count - Calls} calls repeated over 5 kills");
        model.Calls.Count.Should().BeInRange(Calls, Calls + (5 * InFlight));
    }

    [Fact]
    public Task Kill_InABatch_LosesNoRow_AndRepeatsOnlyWhatWasInFlight() => KillInABatchAsync(rows: 24, [8]);

    [Fact]
    public Task Kill_AtFivePointsOfABatch_LosesNoRow() => KillInABatchAsync(rows: 200, [20, 60, 100, 140, 180]);

    private async Task KillInABatchAsync(int rows, int[] points)
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var world = await WorkflowWorld.CreateAsync(new RunApi(http), model, new { concurrentCalls = 4 * InFlight });
        model.Script = call => WorkflowWorld.Script(call) with { TokenDelay = TimeSpan.FromMilliseconds(10) };
        var csv = string.Concat(Enumerable.Range(1, rows).Select(row => $"Notes {row}\n"));
        var id = (await world.StartBatchAsync($"meeting_notes\n{csv}")).Text("id");
        foreach (var point in points)
        {
            await Eventually.HoldsAsync(
                async () => (await world.Api.SendAsync(HttpMethod.Get, $"experiments/{id}", null)).GetProperty("done").GetInt32() >= point,
                $"{point} rows",
                TimeSpan.FromSeconds(60)
            );
            await portal.KillAsync();
            await portal.StartAgainAsync();
        }

        var view = await world.EndOfAsync(id);

        view.Text("status").Should().Be("finished");
        view.GetProperty("variants")[0].GetProperty("errors").GetInt32().Should().Be(0);
        view.GetProperty("done").GetInt32().Should().Be(rows);
        (await portal.CountAsync("SELECT count(*) FROM \"ExecutionLogs\" WHERE \"Status\" = 'Success'")).Should().Be(2 * rows);
        (await portal.CountAsync("SELECT count(*) FROM \"WorkflowRuns\"")).Should().Be(rows);
        model.Calls.Count.Should().BeInRange(2 * rows, (2 * rows) + (points.Length * InFlight));
    }
}
