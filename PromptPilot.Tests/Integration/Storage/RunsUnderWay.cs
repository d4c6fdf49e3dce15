using System.Text.Json.Nodes;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Storage;

/// <summary>Runs in each state that a stop of the portal can find them in: queued, half done, to be retried, and to be reviewed.</summary>
internal sealed class RunsUnderWay(FakeModelServer model, RunApi api)
{
    private bool _isHeld = true;
    private string _half = "";
    private string _queued = "";
    private string _retried = "";
    private string _reviewed = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public FakeAnswer Answer(FakeCall call) =>
        !_isHeld ? FakeAnswer.Of("Done.")
        : call.Prompt.StartsWith("held", StringComparison.Ordinal) ? FakeAnswer.Of("Half an answer") with { Ending = FakeEnding.Stall }
        : call.Prompt.StartsWith("flaky", StringComparison.Ordinal) ? FakeAnswer.Error(503, retryAfter: "4")
        : FakeAnswer.Of("Done.");

    public async Task StartAsync(string profileId)
    {
        var one = await api.AddWorkflowAsync(profileId, ("opening", ["text"]), ("held", ["opening"]));
        await ChangeAsync(one, draft => draft["limits"] = new JsonObject { ["maxConcurrentRuns"] = 1 });
        var flaky = await api.AddWorkflowAsync(profileId, ("before", ["text"]), ("flaky", ["before"]));
        await ChangeAsync(flaky, draft => draft["steps"]![1]!["maxAttempts"] = 5);
        var review = await api.AddWorkflowAsync(profileId, ("draft", ["text"]), ("after", ["draft"]));
        await ChangeAsync(review, draft => draft["steps"]![0]!["review"] = true);

        _half = await api.StartRunAsync(one, "half");
        await model.WaitAsync(server => server.CountOf("held: ") == 1, Token);
        _queued = await api.StartRunAsync(one, "queued");
        _reviewed = await api.StartRunAsync(review, "reviewed");
        await Eventually.HoldsAsync(async () => await StatusOfAsync(_reviewed) == "waiting", "the run to wait for its review");
        _retried = await api.StartRunAsync(flaky, "retried");
        await Eventually.HoldsAsync(
            async () => (await api.FindAsync(_retried)).GetProperty("steps")[1].GetProperty("logs").GetArrayLength() > 0,
            "the failed attempt to be recorded"
        );
        (await StatusOfAsync(_queued)).Should().Be("queued");
    }

    /// <summary>The runs that nothing changes while they wait.</summary>
    public async Task<List<string>> SeenAsync() =>
        [(await api.FindAsync(_reviewed)).GetRawText(), (await api.FindAsync(_queued)).GetProperty("inputs").GetRawText()];

    /// <summary>From now on, the model answers. To be called while the portal is stopped.</summary>
    public void Release() => _isHeld = false;

    /// <summary>All runs succeed, and no step that was committed is called again.</summary>
    public async Task EndAsync()
    {
        var step = (await api.FindAsync(_reviewed)).GetProperty("steps")[0].Text("stepId");
        await api.SendAsync(HttpMethod.Post, $"runs/{_reviewed}/reviews/{step}", new { verdict = "approve" });
        foreach (var run in new[] { _half, _queued, _retried, _reviewed })
        {
            var end = await api.EndOfAsync(run);
            end.Text("status").Should().Be("succeeded", end.ToString());
        }

        foreach (var committed in new[] { "opening: half", "opening: queued", "before: retried", "draft: reviewed", "after: " })
        {
            model.CountOf(committed).Should().Be(1, committed);
        }

        model.CountOf("held: ").Should().Be(3, "the interrupted call is repeated, and the queued run makes its own");
    }

    private async Task<string> StatusOfAsync(string run) => (await api.FindAsync(run)).Text("status");

    private async Task ChangeAsync(string workflow, Action<JsonNode> change)
    {
        var draft = await api.FindWorkflowAsync(workflow);
        change(draft);
        await api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", draft);
        await api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
    }
}
