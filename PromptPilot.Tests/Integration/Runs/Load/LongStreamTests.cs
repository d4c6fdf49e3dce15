using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs.Load;

/// <summary>A model that writes slowly but steadily is let finish, and whoever watches stays connected.</summary>
public sealed class LongStreamTests(PublishedBuild build)
{
    /// <summary>How long the streams of the long test take, in seconds; <c>SOAK_STREAM_SECONDS</c> changes it.</summary>
    private static readonly int Seconds = Figures.FromEnvironment("SOAK_STREAM_SECONDS", 600);

    [Fact]
    public async Task Stream_FarLongerThanTheLimitsOfFirstTokenAndSilence_IsNotCut()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeAnswer.OfTokens(16, TimeSpan.FromMilliseconds(500));
        await using var portal = await PortalHost.StartAsync();
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(
            await api.AddProfileAsync(model.Endpoint, limits: new { firstTokenSeconds = 3, idleSeconds = 3 }),
            ("essay", ["text"])
        );

        var run = await WatchToItsEndAsync(portal.BaseAddress, await api.StartRunAsync(workflow), TimeSpan.FromSeconds(60));

        AssertWhole(run, model.Default);
        run.GetProperty("durationMs").GetInt64().Should().BeGreaterThan(6 * 1000);
        model.Calls.Should().ContainSingle("it was not cut and tried again");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Streams_OfTenMinutes_AreNotCut()
    {
        // One writes all the time; the other is silent for almost as long as the usual limit of 30 s allows.
        var steady = FakeAnswer.OfTokens(Seconds * 10, TimeSpan.FromMilliseconds(100));
        var halting = FakeAnswer.OfTokens((Seconds + 24) / 25, TimeSpan.FromSeconds(25));
        await using var model = await FakeModelServer.StartAsync();
        model.Script = call => call.Prompt.Contains("halting", StringComparison.Ordinal) ? halting : steady;
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("essay", ["text"]));
        var limit = TimeSpan.FromSeconds((Seconds * 1.5) + 60);

        var ends = await Task.WhenAll(
            WatchToItsEndAsync(portal.BaseAddress, await api.StartRunAsync(workflow, "steady"), limit),
            WatchToItsEndAsync(portal.BaseAddress, await api.StartRunAsync(workflow, "halting"), limit)
        );

        AssertWhole(ends[0], steady);
        AssertWhole(ends[1], halting);
        model.Calls.Should().HaveCount(2, "neither was cut and tried again");
        Figures.Tell(
            $"long streams: {ends[0].GetProperty("durationMs").GetInt64() / 1000.0:F1} s with {steady.Tokens.Count} tokens, ",
            $"{ends[1].GetProperty("durationMs").GetInt64() / 1000.0:F1} s with a token each 25 s; cut 0, viewers cut 0"
        );
    }

    private static async Task<JsonElement> WatchToItsEndAsync(Uri portal, string runId, TimeSpan limit)
    {
        await using var viewer = await RunViewer.OpenAsync(portal, runId);
        return await viewer.End.WaitAsync(limit, TestContext.Current.CancellationToken);
    }

    private static void AssertWhole(JsonElement run, FakeAnswer answer)
    {
        run.Text("status").Should().Be("succeeded");
        run.GetProperty("steps")[0].GetProperty("logs").GetArrayLength().Should().Be(1);
        run.GetProperty("outputs").Text("essay").Should().Be(string.Concat(answer.Tokens));
    }
}
