using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// kill -9 of the published portal at each kind of moment; then it starts again, the run succeeds, and what had succeeded was called once.
/// What the kill at twelve points shows too is with the long tests.
/// </summary>
[Trait("Category", "Soak")]
public sealed class KillTests(PublishedBuild build)
{
    private static readonly (string, string[])[] Chain = [("one", ["text"]), ("two", ["one"]), ("three", ["two"])];
    private static readonly (string, string[])[] Diamond =
    [
        ("top", ["text"]),
        ("left", ["top"]),
        ("right", ["top"]),
        ("bottom", ["left", "right"]),
    ];
    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_WhileQueued_RunSucceedsAfterStart()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call => Hold(call, "one: busy", gate.Task);
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["PromptPilot:Runs:MaxConcurrentRuns"] = "1" }
        );
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Chain);
        var busy = await api.StartRunAsync(workflow, "busy");
        await model.WaitAsync(m => m.CountOf("one: busy") == 1, Cancellation);
        var queued = await api.StartRunAsync(workflow, "queued");
        (await api.FindAsync(queued)).Text("status").Should().Be("queued");

        await portal.KillAsync();
        gate.SetResult();
        await portal.StartAgainAsync();

        (await api.EndOfAsync(queued)).Text("status").Should().Be("succeeded");
        (await api.EndOfAsync(busy)).Text("status").Should().Be("succeeded");
        model.CountOf("one: queued").Should().Be(1, "nothing of the queued run had been called before the kill");
        model.CountOf("one: busy").Should().Be(2, "the attempt in flight is made once more");
    }

    [Fact]
    public async Task Kill_WhileFirstStepStreams_RunSucceedsAfterStart()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call => Hold(call, "one: hello", gate.Task);
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var runId = await api.StartRunAsync(await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Chain));
        await PartialAsync(api, runId, "one");

        await portal.KillAsync();
        gate.SetResult();
        await portal.StartAgainAsync();

        var run = await api.EndOfAsync(runId, (int)ResumeLimit.TotalSeconds);
        run.Text("status").Should().Be("succeeded");
        model.CountOf("one: hello").Should().Be(2);
        Attempts(run, "one").Should().Equal("interrupted", "success");
    }

    [Fact]
    public async Task Kill_BetweenSteps_FirstStepIsNotCalledAgain()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();

        // The second call is held before its first byte: the first step is committed, the second has nothing yet.
        model.Script = call =>
            call.Prompt.StartsWith("two:", StringComparison.Ordinal) && !gate.Task.IsCompleted
                ? FakeAnswer.Of("late") with
                {
                    Gate = gate.Task,
                    GateAfter = 0,
                }
                : null;
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var runId = await api.StartRunAsync(await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Chain));
        await model.WaitAsync(m => m.CountOf("two:") == 1, Cancellation);

        await portal.KillAsync();
        gate.SetResult();
        await portal.StartAgainAsync();

        (await api.EndOfAsync(runId)).Text("status").Should().Be("succeeded");
        model.CountOf("one: hello").Should().Be(1, "what succeeded never runs again");
        model.CountOf("two:").Should().Be(2, "a kill costs at most one repeated call");
        model.CountOf("three:").Should().Be(1);
    }

    [Fact]
    public async Task Kill_WithParallelStepsHalfDone_OnlyTheOpenHalfIsRepeated()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call => Hold(call, "right:", gate.Task);
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var runId = await api.StartRunAsync(await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Diamond));
        await Eventually.HoldsAsync(
            async () => Step(await api.FindAsync(runId), "left").Text("status") == "succeeded",
            "the left step to succeed",
            ResumeLimit
        );
        await PartialAsync(api, runId, "right");

        await portal.KillAsync();
        gate.SetResult();
        await portal.StartAgainAsync();

        (await api.EndOfAsync(runId)).Text("status").Should().Be("succeeded");
        model.CountOf("top:").Should().Be(1);
        model.CountOf("left:").Should().Be(1);
        model.CountOf("right:").Should().Be(2);
        model.CountOf("bottom:").Should().Be(1);
    }

    [Fact]
    public async Task Stop_BySignal_RefusesNewRuns_AndResumesWhatWasInFlight()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call => Hold(call, "two:", gate.Task);
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["PromptPilot:Runs:StopGraceSeconds"] = "1" }
        );
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var runId = await api.StartRunAsync(await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), Chain));
        await PartialAsync(api, runId, "two");

        portal.RequestStop();
        (await portal.WaitForEndAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
        gate.SetResult();
        await portal.StartAgainAsync();

        var run = await api.EndOfAsync(runId);
        run.Text("status").Should().Be("succeeded");
        Attempts(run, "two").Should().Equal("interrupted", "success");
        model.CountOf("one: hello").Should().Be(1);
    }

    /// <summary>Holds the first call of a step after two tokens; calls after the kill go through.</summary>
    private static FakeAnswer? Hold(FakeCall call, string prompt, Task gate) =>
        call.Prompt.StartsWith(prompt, StringComparison.Ordinal) && !gate.IsCompleted
            ? FakeAnswer.Of("a held answer") with
            {
                Gate = gate,
                GateAfter = 2,
            }
            : null;

    private static async Task PartialAsync(RunApi api, string runId, string key) =>
        await Eventually.HoldsAsync(
            async () =>
                Step(await api.FindAsync(runId), key).TryGetProperty("partials", out var partials) && partials[0].Text("text").Length > 0,
            $"step {key} to stream",
            ResumeLimit
        );

    private static JsonElement Step(JsonElement run, string key) =>
        run.GetProperty("steps").EnumerateArray().Single(step => step.Text("outputKey") == key);

    private static List<string> Attempts(JsonElement run, string key) =>
        [
            .. Step(run, key)
                .GetProperty("logs")
                .EnumerateArray()
                .Select(log => log.TryGetProperty("errorCode", out var code) ? code.GetString()! : log.Text("status")),
        ];
}
