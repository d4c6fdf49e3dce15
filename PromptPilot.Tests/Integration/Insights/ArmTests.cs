using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>A portal with a prompt of two versions and two model profiles, which answer “old” or “new”, and who they are.</summary>
public sealed class ArmPortal : IAsyncLifetime
{
    internal PortalHost Host { get; private set; } = null!;

    internal RunApi Api { get; private set; } = null!;

    internal string PromptId { get; private set; } = "";

    internal string Profile { get; private set; } = "";

    internal string OtherProfile { get; private set; } = "";

    internal FakeModelServer Model { get; private set; } = null!;

    private FakeModelServer _other = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        Model = await FakeModelServer.StartAsync();
        _other = await FakeModelServer.StartAsync();
        _other.Script = call => FakeAnswer.Of(AgeOf(call) + " of other");
        Host = await PortalHost.StartAsync();
        _client = Host.CreateClient(await Host.AddPersonAsync(Role.Admin));
        Api = new RunApi(_client);
        Profile = await Api.AddProfileAsync(Model.Endpoint);
        OtherProfile = await Api.AddProfileAsync(_other.Endpoint, "Other");
        var prompt = await Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Reply", content = "old {{ text }}" });
        PromptId = prompt.Text("id");
        await Api.SendAsync(HttpMethod.Put, $"prompts/{PromptId}", new { name = "Reply", content = "new {{ text }}" });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Host.DisposeAsync();
        await Model.DisposeAsync();
        await _other.DisposeAsync();
    }

    internal static string AgeOf(FakeCall call) => call.Prompt.Contains("new", StringComparison.Ordinal) ? "new" : "old";
}

/// <summary>An A/B test from publishing to the winner, over HTTP.</summary>
public sealed class ArmTests(ArmPortal portal) : IClassFixture<ArmPortal>, IAsyncLifetime
{
    private readonly ArmPortal _shared = portal;
    private string _workflow = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shared.Model.Script = call => FakeAnswer.Of(ArmPortal.AgeOf(call));
        await CreateAsync(new object[] { new { version = "1.0.0", weight = 1 }, new { version = "1.1.0", weight = 1 } });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task CreateAsync(object arms)
    {
        var workflow = await _shared.Api.SendAsync(
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
                        promptId = _shared.PromptId,
                        promptVersion = "1.0.0",
                        model = _shared.Profile,
                        inputMapping = new { text = "text" },
                        outputKey = "reply",
                        order = 1,
                        arms,
                        armsBy = "text",
                    },
                },
            }
        );
        _workflow = workflow.Text("id");
        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/publish", null);
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

        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/stop", null);
        (await OutputsAsync("customer")).Should().OnlyContain(text => text == "old", "stopped, the step uses its own version");
        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/resume", null);
        (await OutputsAsync("customer")).Should().Equal(first);

        var step = (await ReportAsync()).Text("stepId");
        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/promote", new { stepId = step, version = "1.1.0" });
        (await OutputsAsync("customer")).Should().OnlyContain(text => text == "new");
        (await _shared.Api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}/arms", null))
            .GetProperty("steps")
            .GetArrayLength()
            .Should()
            .Be(0);
        var published = await _shared.Api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}", null);
        published.GetProperty("steps")[0].Text("promptVersion").Should().Be("1.1.0");
        published.GetProperty("steps")[0].TryGetProperty("arms", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Retry_KeepsTheVersionThatWasChosen()
    {
        _shared.Model.Script = call => call.Prompt.Contains("new", StringComparison.Ordinal) ? FakeAnswer.Error(400) : FakeAnswer.Of("old");
        var failed = default(JsonElement);
        for (var i = 0; i < 30 && failed.ValueKind == JsonValueKind.Undefined; i++)
        {
            var run = await _shared.Api.RunAsync(_workflow, $"customer {i}");
            failed = run.Text("status") == "failed" ? run : failed;
        }

        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/stop", null);
        var retried = await _shared.Api.SendAsync(HttpMethod.Post, $"runs/{failed.Text("id")}/retry", null);
        await _shared.Api.EndOfAsync(retried.Text("id"));

        await using var db = await _shared.Host.Contexts.CreateDbContextAsync(Token);
        var versions = await db
            .ExecutionLogs.Where(log => log.RunId == failed.Text("id") || log.RunId == retried.Text("id"))
            .Select(log => log.PromptVersionId)
            .Distinct()
            .ToListAsync(Token);
        versions.Should().ContainSingle();
    }

    [Fact]
    public async Task Arms_OnAnotherModel_RunThere_AreCountedApart_AndPromoted()
    {
        await CreateAsync(
            new object[]
            {
                new { version = "1.0.0", weight = 1 },
                new
                {
                    version = "1.0.0",
                    weight = 1,
                    model = _shared.OtherProfile,
                },
                new
                {
                    version = "1.1.0",
                    weight = 1,
                    model = _shared.OtherProfile,
                },
            }
        );

        var outputs = await OutputsAsync("person", 30);
        outputs.Distinct().Should().BeEquivalentTo(["old", "old of other", "new of other"]);
        var arms = await ArmsAsync();
        arms.Select(arm => (arm.Text("version"), arm.Text("modelName"), arm.GetProperty("calls").GetInt32()))
            .Should()
            .Equal(
                ("1.0.0", "Fake", outputs.Count(text => text == "old")),
                ("1.0.0", "Other", outputs.Count(text => text == "old of other")),
                ("1.1.0", "Other", outputs.Count(text => text == "new of other"))
            );

        using (var used = await _shared.Api.TrySendAsync(HttpMethod.Delete, $"model-profiles/{_shared.OtherProfile}", null))
        {
            used.StatusCode.Should().Be(HttpStatusCode.Conflict, "an arm uses it");
        }

        var file = await ExportAsync();
        file.Should().Contain("model: Other").And.NotContain(_shared.OtherProfile, "files name model profiles");
        using (
            var yaml = new StringContent(
                file.Replace("name: Replies", "name: Imported", StringComparison.Ordinal),
                null,
                "application/yaml"
            )
        )
        using (var imported = await _shared.Api.Http.PostAsync("/api/v1/import", yaml, Token))
        {
            imported.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await using (var db = await _shared.Host.Contexts.CreateDbContextAsync(Token))
        {
            var options = await db
                .WorkflowSteps.Join(
                    db.Workflows.Where(workflow => workflow.Name == "Imported"),
                    one => one.WorkflowId,
                    workflow => workflow.Id,
                    (one, _) => one.Options
                )
                .SingleAsync(Token);
            options.Arms!.Value[2].Text("model").Should().Be(_shared.OtherProfile);
        }

        // A fork of a run that was on the other arm stays on it, unless it says otherwise.
        var other = await RunOfAsync("new of other");
        var fork = await _shared.Api.SendAsync(
            HttpMethod.Post,
            $"runs/{other.Text("id")}/fork",
            new { stepId = (await ReportAsync()).Text("stepId") }
        );
        (await _shared.Api.EndOfAsync(fork.Text("id"))).GetProperty("outputs").Text("reply").Should().Be("new of other");

        var step = (await ReportAsync()).Text("stepId");
        using (
            var unclear = await _shared.Api.TrySendAsync(
                HttpMethod.Post,
                $"workflows/{_workflow}/arms/promote",
                new { stepId = step, version = "1.0.0" }
            )
        )
        {
            unclear.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await unclear.Content.ReadAsStringAsync(Token)).Should().Contain("Add the id of the arm");
        }

        var winner = new
        {
            stepId = step,
            version = "1.0.0",
            model = _shared.OtherProfile,
        };
        await _shared.Api.SendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/promote", winner);
        (await OutputsAsync("person")).Should().OnlyContain(text => text == "old of other");
        using var again = await _shared.Api.TrySendAsync(HttpMethod.Post, $"workflows/{_workflow}/arms/promote", winner);
        again.StatusCode.Should().Be(HttpStatusCode.BadRequest, "it was promoted already");
    }

    [Fact]
    public async Task Arms_ThatCannotRun_AreRefused()
    {
        var workflow = await _shared.Api.FindWorkflowAsync(_workflow);
        workflow["steps"]![0]!["arms"]![1]!["version"] = "9.9.9";
        await _shared.Api.SendAsync(HttpMethod.Put, $"workflows/{_workflow}", workflow);

        using var answer = await _shared.Api.TrySendAsync(HttpMethod.Post, $"workflows/{_workflow}/publish", null);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Token)).Should().Contain("has no version 9.9.9").And.Contain("steps[0].arms[1].version");
        using var promoted = await _shared.Api.TrySendAsync(
            HttpMethod.Post,
            $"workflows/{_workflow}/arms/promote",
            new { stepId = (await ReportAsync()).Text("stepId"), version = "1.1.0" }
        );
        promoted.StatusCode.Should().Be(HttpStatusCode.Conflict, "the draft has other changes");
    }

    private async Task<JsonElement> ReportAsync() =>
        (await _shared.Api.SendAsync(HttpMethod.Get, $"workflows/{_workflow}/arms", null)).GetProperty("steps")[0];

    private async Task<List<JsonElement>> ArmsAsync() => [.. (await ReportAsync()).GetProperty("arms").EnumerateArray()];

    private async Task<string> ExportAsync()
    {
        using var answer = await _shared.Api.TrySendAsync(HttpMethod.Get, $"export?workflow={_workflow}", null);
        using var archive = new ZipArchive(await answer.Content.ReadAsStreamAsync(Token));
        using var reader = new StreamReader(
            archive.Entries.Single(entry => entry.FullName.StartsWith("workflows/", StringComparison.Ordinal)).Open()
        );
        return await reader.ReadToEndAsync(Token);
    }

    private async Task<JsonElement> RunOfAsync(string output)
    {
        for (var i = 0; i < 40; i++)
        {
            var run = await _shared.Api.RunAsync(_workflow, $"someone {i}");
            if (run.GetProperty("outputs").Text("reply") == output)
            {
                return run;
            }
        }

        throw new InvalidOperationException("No arm gave this output.");
    }

    private async Task<List<string>> OutputsAsync(string name, int runs = 10)
    {
        var outputs = new List<string>();
        for (var i = 0; i < runs; i++)
        {
            var run = await _shared.Api.RunAsync(_workflow, $"{name} {i}");
            outputs.Add(run.GetProperty("outputs").Text("reply"));
        }

        return outputs;
    }
}
