using System.Net;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Reviews, retries and forks over the HTTP API.</summary>
public sealed class ReplayApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_OverTheApi_IsAskedEditedAndFlowsOn()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var options = new AllOptions(api, model);
        var runId = await api.StartRunAsync(await options.PublishAsync(TimeSpan.Zero), "hello");
        var waiting = await WaitingAsync(api, runId, "draft");
        waiting.GetProperty("review").Text("instructions").Should().Be("Look at it.");
        waiting.GetProperty("review").Text("output").Should().Be("draft is done");
        var path = $"runs/{runId}/reviews/{waiting.Text("stepId")}";
        var viewer = await portal.AddPersonAsync(Role.Viewer);
        using var viewerHttp = portal.CreateClient(viewer);

        using var forbidden = await new RunApi(viewerHttp).TrySendAsync(HttpMethod.Post, path, new { verdict = "approve" });
        using var unknown = await api.TrySendAsync(HttpMethod.Post, path, new { verdict = "maybe" });
        using var misspelt = await api.TrySendAsync(HttpMethod.Post, path, new { verdict = "edit", outptu = "x" });
        using var missing = await api.TrySendAsync(HttpMethod.Post, path, new { verdict = "edit" });
        var edited = await api.SendAsync(HttpMethod.Post, path, new { verdict = "edit", output = "by hand" });
        using var late = await api.TrySendAsync(HttpMethod.Post, path, new { verdict = "approve" });
        var run = await options.FinishAsync(runId, TimeSpan.FromSeconds(30));

        forbidden.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        unknown.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        misspelt.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await missing.Content.ReadAsStringAsync(Cancellation)).Should().Contain("output");
        edited
            .GetProperty("steps")
            .EnumerateArray()
            .Single(step => step.Text("outputKey") == "draft")
            .GetProperty("review")
            .Text("verdict")
            .Should()
            .Be("edit");
        late.StatusCode.Should().Be(HttpStatusCode.Conflict);
        run.GetProperty("outputs").Text("draft").Should().Be("by hand");
        model.CountOf("late: hello / by hand").Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task Retry_OverTheApi_MakesAChildThatReusesWhatSucceeded()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var options = new AllOptions(api, model);
        var failed = await options.FinishAsync(
            await api.StartRunAsync(await options.PublishAsync(TimeSpan.Zero), "fails at mail"),
            TimeSpan.FromSeconds(30)
        );
        failed.Text("status").Should().Be("failed");
        var calls = model.Calls.Count;

        using var answer = await api.TrySendAsync(HttpMethod.Post, $"runs/{failed.Text("id")}/retry", null);
        var started = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancellation));
        var run = await options.FinishAsync(started.Text("id"), TimeSpan.FromSeconds(30));
        using var again = await api.TrySendAsync(HttpMethod.Post, $"runs/{run.Text("id")}/retry", null);

        answer.StatusCode.Should().Be(HttpStatusCode.Accepted);
        answer.Headers.Location!.ToString().Should().Be($"/api/v1/runs/{started.Text("id")}");
        run.Text("status").Should().Be("succeeded");
        run.Text("parentRunId").Should().Be(failed.Text("id"));
        (model.Calls.Count - calls).Should().Be(1);
        run.GetProperty("steps")
            .EnumerateArray()
            .Where(step => step.GetProperty("reused").GetBoolean())
            .Select(step => step.Text("outputKey"))
            .Should()
            .Equal("list", "each", "reader", "draft", "late");
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Fork_OverTheApi_RunsTheStepWithWhatWasChanged()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var profile = await api.AddProfileAsync(model.Endpoint);
        var other = await api.AddProfileAsync(model.Endpoint, "Other");
        var run = await api.RunAsync(await api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]), ("three", ["two"])));
        var step = run.GetProperty("steps")[1].Text("stepId");
        var calls = model.Calls.Count;

        var fork = await api.SendAsync(
            HttpMethod.Post,
            $"runs/{run.Text("id")}/fork",
            new
            {
                stepId = step,
                model = other,
                parameters = new { maxTokens = 7 },
                values = new { one = "changed" },
            }
        );
        var forked = await api.EndOfAsync(fork.Text("id"));
        using var wrong = await api.TrySendAsync(
            HttpMethod.Post,
            $"runs/{run.Text("id")}/fork",
            new { stepId = step, values = new { nothing = "x" } }
        );

        forked.Text("status").Should().Be("succeeded");
        forked.Text("parentRunId").Should().Be(run.Text("id"));
        var made = model.Calls.Skip(calls).ToList();
        made.Select(call => call.Prompt.Split(':')[0]).Should().Equal("two", "three");
        made[0].Prompt.Should().Be("two: changed");
        made[0].Body.GetProperty("max_tokens").GetInt32().Should().Be(7);
        made[1].Body.GetProperty("max_tokens").GetInt32().Should().Be(500);
        forked.GetProperty("steps")[1].GetProperty("logs")[0].Text("modelProfileId").Should().Be(other);
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync(Cancellation)).Should().Contain("values.nothing");
    }

    private static async Task<JsonElement> WaitingAsync(RunApi api, string runId, string key)
    {
        JsonElement found = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                found = (await api.FindAsync(runId)).GetProperty("steps").EnumerateArray().Single(step => step.Text("outputKey") == key);
                return found.Text("status") == "waiting" && found.TryGetProperty("review", out _);
            },
            $"{key} to wait for a review"
        );
        return found;
    }
}
