using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>An A/B test from publishing to the winner, over HTTP.</summary>
public sealed class ArmTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _workflow = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _model.Script = call => FakeAnswer.Of(call.Prompt.Contains("new", StringComparison.Ordinal) ? "new" : "old");
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateClient(await _portal.AddPersonAsync(Role.Admin));
        _api = new RunApi(_client);
        var profile = await _api.AddProfileAsync(_model.Endpoint);
        var prompt = await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "Reply", content = "old {{ text }}" });
        var promptId = prompt.Text("id");
        await _api.SendAsync(HttpMethod.Put, $"prompts/{promptId}", new { name = "Reply", content = "new {{ text }}" });
        var workflow = await _api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = "Replies",
                inputs = new[] { new { name = "text", type = "text" } },
                steps = new[]
                {
                    new
                    {
                        promptId,
                        promptVersion = "1.0.0",
                        model = profile,
                        inputMapping = new { text = "text" },
                        outputKey = "reply",
                        order = 1,
                        arms = new[] { new { version = "1.0.0", weight = 1 }, new { version = "1.1.0", weight = 1 } },
                        armsBy = "text",
                    },
                },
            }
        );
        _workflow = workflow.Text("id");
        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/publish", null);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Arms_ShareRunsByTheInput_AreCounted_Stopped_AndPromoted()
    {
        var first = await OutputsAsync("customer");
        var second = await OutputsAsync("customer");

        second.Should().Equal(first, "the same customer gets the same version");
        first.Distinct().Should().BeEquivalentTo(["old", "new"], "ten customers are not all on one side");
        var arms = await ArmsAsync();
        arms.Sum(arm => arm.GetProperty("calls").GetInt32()).Should().Be(20);
        arms.Single(arm => arm.Text("version") == "1.1.0")
            .GetProperty("calls")
            .GetInt32()
            .Should()
            .Be(2 * first.Count(text => text == "new"));
        (await ReportAsync()).Text("summary").Should().StartWith("Not enough data yet");

        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/stop", null);
        (await OutputsAsync("customer")).Should().OnlyContain(text => text == "old", "stopped, the step uses its own version");
        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/resume", null);
        (await OutputsAsync("customer")).Should().Equal(first);

        var step = (await ReportAsync()).Text("stepId");
        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/promote", new { stepId = step, version = "1.1.0" });
        (await OutputsAsync("customer")).Should().OnlyContain(text => text == "new");
        (await _api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}/arms", null)).GetProperty("steps").GetArrayLength().Should().Be(0);
        var published = await _api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}", null);
        published.GetProperty("steps")[0].Text("promptVersion").Should().Be("1.1.0");
        published.GetProperty("steps")[0].TryGetProperty("arms", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Retry_KeepsTheVersionThatWasChosen()
    {
        _model.Script = call => call.Prompt.Contains("new", StringComparison.Ordinal) ? FakeAnswer.Error(400) : FakeAnswer.Of("old");
        var failed = default(JsonElement);
        for (var i = 0; i < 30 && failed.ValueKind == JsonValueKind.Undefined; i++)
        {
            var run = await _api.RunAsync(_workflow, $"customer {i}");
            failed = run.Text("status") == "failed" ? run : failed;
        }

        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/stop", null);
        var retried = await _api.SendAsync(HttpMethod.Post, $"runs/{failed.Text("id")}/retry", null);
        await _api.EndOfAsync(retried.Text("id"));

        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        var versions = await db
            .ExecutionLogs.Where(log => log.RunId == failed.Text("id") || log.RunId == retried.Text("id"))
            .Select(log => log.PromptVersionId)
            .Distinct()
            .ToListAsync(Token);
        versions.Should().ContainSingle();
    }

    [Fact]
    public async Task Arms_ThatCannotRun_AreRefused()
    {
        var workflow = await _api.FindWorkflowAsync(_workflow);
        workflow["steps"]![0]!["arms"]![1]!["version"] = "9.9.9";
        await _api.SendAsync(HttpMethod.Put, $"workflows/{_workflow}", workflow);

        using var answer = await _api.TrySendAsync(HttpMethod.Post, $"workflows/{_workflow}/publish", null);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Token)).Should().Contain("has no version 9.9.9").And.Contain("steps[0].arms");
        using var promoted = await _api.TrySendAsync(
            HttpMethod.Post,
            $"workflows/{_workflow}/arms/promote",
            new { stepId = (await ReportAsync()).Text("stepId"), version = "1.1.0" }
        );
        promoted.StatusCode.Should().Be(HttpStatusCode.Conflict, "the draft has other changes");
    }

    private async Task<JsonElement> ReportAsync() =>
        (await _api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}/arms", null)).GetProperty("steps")[0];

    private async Task<List<JsonElement>> ArmsAsync() => [.. (await ReportAsync()).GetProperty("arms").EnumerateArray()];

    private async Task<List<string>> OutputsAsync(string name)
    {
        var outputs = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            var run = await _api.RunAsync(_workflow, $"{name} {i}");
            outputs.Add(run.GetProperty("outputs").Text("reply"));
        }

        return outputs;
    }
}
