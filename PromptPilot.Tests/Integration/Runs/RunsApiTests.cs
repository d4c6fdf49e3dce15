using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Runs over the HTTP API, on the real host and a real file database.</summary>
public sealed class RunsApiTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static readonly (string, string[])[] Chain = [("one", ["text"]), ("two", ["one"]), ("three", ["two"])];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WithWait_AnswersWithOutputsLogsAndCost()
    {
        await using var bench = await RunBench.InAsync(shared);
        bench.Model.Default = FakeAnswer.Of("The team met.") with { Model = "fake-1-2026" };

        var run = await bench.Api.RunAsync(await bench.AddWorkflowAsync(Chain));

        run.Text("status").Should().Be("succeeded");
        run.GetProperty("outputs").Text("three").Should().Be("The team met.");
        run.Text("triggerKind").Should().Be("manual");
        run.GetProperty("workflowVersion").GetInt32().Should().Be(1);
        run.GetProperty("cost").GetDecimal().Should().BePositive();
        var log = run.GetProperty("steps")[1].GetProperty("logs")[0];
        log.GetProperty("input").Text("one").Should().Be("The team met.");
        log.Text("modelUsed").Should().Be("fake-1-2026");
        log.Text("status").Should().Be("success");
        bench.Model.Calls[0].Prompt.Should().Be("one: hello");
    }

    [Fact]
    public async Task Start_WithWaitForOutputs_AnswersWithThoseAlone()
    {
        await using var bench = await RunBench.InAsync(shared);
        bench.Model.Default = FakeAnswer.Of("The team met.");
        var workflow = await bench.AddWorkflowAsync(Chain);

        var run = await bench.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs?wait=60&fields=outputs",
            new { inputs = new { text = "hello" } }
        );

        run.EnumerateObject().Select(field => field.Name).Should().Equal("id", "status", "outputs");
        run.Text("status").Should().Be("succeeded");
        run.GetProperty("outputs").Text("three").Should().Be("The team met.");
    }

    [Fact]
    public async Task Start_WithUnknownFields_IsRefused()
    {
        await using var bench = await RunBench.InAsync(shared);
        var workflow = await bench.AddWorkflowAsync(Chain);

        using var answer = await bench.Api.TrySendAsync(HttpMethod.Post, $"workflows/{workflow}/runs?wait=60&fields=steps", new { });

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain("“steps” is not one of all, outputs.");
    }

    [Fact]
    public async Task Start_WithoutWait_AnswersAcceptedWithTheRunsAddress()
    {
        await using var bench = await RunBench.InAsync(shared);
        var workflow = await bench.AddWorkflowAsync(Chain);

        using var answer = await bench.Api.TrySendAsync(HttpMethod.Post, $"workflows/{workflow}/runs", new { inputs = new { text = "x" } });

        answer.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        answer.Headers.Location!.ToString().Should().Be($"/api/v1/runs/{body.Text("id")}");
        (await bench.Api.EndOfAsync(body.Text("id"))).Text("status").Should().Be("succeeded");
    }

    [Theory]
    [InlineData("{}", "inputs.text")]
    [InlineData("""{"inputs":{"text":5}}""", "inputs.text")]
    [InlineData("""{"inputs":{"text":"x","tetx":"y"}}""", "inputs.tetx")]
    public async Task Start_WithWrongInputs_IsRefusedAtTheField(string body, string field)
    {
        await using var bench = await RunBench.StartAsync();
        var workflow = await bench.AddWorkflowAsync(Chain);

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await bench.Http.PostAsync(
            new Uri($"/api/v1/workflows/{workflow}/runs", UriKind.Relative),
            content,
            Cancellation
        );

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        problem.GetProperty("errors").TryGetProperty(field, out _).Should().BeTrue(problem.ToString());
        (await bench.Api.SendAsync(HttpMethod.Get, "runs", null))
            .GetProperty("items")
            .GetArrayLength()
            .Should()
            .Be(0, "nothing is half saved");
    }

    [Fact]
    public async Task UnknownIds_AreNotFound()
    {
        await using var bench = await RunBench.InAsync(shared);

        foreach (
            var (method, path) in new[]
            {
                (HttpMethod.Post, "workflows/nope/runs"),
                (HttpMethod.Get, "runs/nope"),
                (HttpMethod.Delete, "runs/nope"),
                (HttpMethod.Post, "runs/nope/cancel"),
                (HttpMethod.Get, "runs/nope/events"),
            }
        )
        {
            using var answer = await bench.Api.TrySendAsync(
                method,
                path,
                method == HttpMethod.Post && path.EndsWith("runs", StringComparison.Ordinal) ? new { inputs = new { } } : null
            );
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound, $"of {method} {path}");
            answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json", $"of {method} {path}");
        }
    }

    [Fact]
    public async Task List_ByTheWordsOfTheApi_IsFiltered()
    {
        await using var bench = await RunBench.StartAsync();
        await bench.Api.RunAsync(await bench.AddWorkflowAsync(("one", ["text"])));

        foreach (
            var (query, count) in new[]
            {
                ("status=succeeded", 1),
                ("status=timedOut", 0),
                ("triggerKind=manual", 1),
                ("triggerKind=webhook", 0),
            }
        )
        {
            (await bench.Api.SendAsync(HttpMethod.Get, $"runs?{query}", null))
                .GetProperty("items")
                .GetArrayLength()
                .Should()
                .Be(count, query);
        }

        foreach (var (query, field) in new[] { ("status=1", "status"), ("triggerKind=nobody", "triggerKind") })
        {
            using var wrong = await bench.Api.TrySendAsync(HttpMethod.Get, $"runs?{query}", null);
            wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            JsonSerializer
                .Deserialize<JsonElement>(await wrong.Content.ReadAsStringAsync(Cancellation))
                .GetProperty("errors")
                .TryGetProperty(field, out _)
                .Should()
                .BeTrue();
        }
    }

    [Fact]
    public async Task Cancel_InMidStream_AbortsTheCallOfTheProvider()
    {
        await using var bench = await RunBench.InAsync(shared);
        bench.Model.Default = FakeAnswer.Of("a held answer") with { Gate = new TaskCompletionSource().Task, GateAfter = 2 };
        var runId = await bench.Api.StartRunAsync(await bench.AddWorkflowAsync(Chain));
        await bench.Model.WaitAsync(m => m.CountOf("one:") == 1, Cancellation);

        await bench.Api.SendAsync(HttpMethod.Post, $"runs/{runId}/cancel", null);

        (await bench.Api.EndOfAsync(runId)).Text("status").Should().Be("cancelled");
        await bench.Model.WaitAsync(m => m.Aborted == 1, Cancellation);
        using var again = await bench.Api.TrySendAsync(HttpMethod.Post, $"runs/{runId}/cancel", null);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Delete_OfARunningRun_IsRefused_AndOfAnEndedOneTakesItsLogs()
    {
        await using var bench = await RunBench.StartAsync();
        var gate = new TaskCompletionSource();
        bench.Model.Default = FakeAnswer.Of("a held answer") with { Gate = gate.Task, GateAfter = 1 };
        var runId = await bench.Api.StartRunAsync(await bench.AddWorkflowAsync(Chain));
        using (var refused = await bench.Api.TrySendAsync(HttpMethod.Delete, $"runs/{runId}", null))
        {
            refused.StatusCode.Should().Be(HttpStatusCode.Conflict);
        }

        gate.SetResult();
        await bench.Api.EndOfAsync(runId);
        await bench.Api.SendAsync(HttpMethod.Delete, $"runs/{runId}", null);

        using var gone = await bench.Api.TrySendAsync(HttpMethod.Get, $"runs/{runId}", null);
        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await bench.Api.SendAsync(HttpMethod.Get, "execution-logs", null)).GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Events_FollowedFromTheMiddle_GiveSnapshotThenEveryCharacterOnce()
    {
        await using var bench = await RunBench.InAsync(shared);
        var gate = new TaskCompletionSource();
        var words = FakeAnswer.OfTokens(200).Tokens;
        bench.Model.Default = new FakeAnswer
        {
            Tokens = words,
            Gate = gate.Task,
            GateAfter = 50,
        };
        var runId = await bench.Api.StartRunAsync(await bench.AddWorkflowAsync(("one", ["text"])));
        await bench.Model.WaitAsync(m => m.CountOf("one:") == 1, Cancellation);

        using var stream = await bench
            .Http.GetStreamAsync(new Uri($"/api/v1/runs/{runId}/events", UriKind.Relative), Cancellation)
            .WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var text = "";
        var types = new List<string>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancellation))
        {
            types.Add(item.EventType);
            var data = JsonSerializer.Deserialize<JsonElement>(item.Data);
            if (item.EventType == "snapshot")
            {
                text = data.GetProperty("steps")[0].TryGetProperty("partials", out var partials) ? partials[0].Text("text") : "";
                gate.SetResult();
            }
            else if (item.EventType == "delta")
            {
                data.GetProperty("offset").GetInt32().Should().Be(text.Length);
                item.EventId.Should().BeNullOrEmpty();
                text += data.Text("text");
            }
            else if (item.EventType == "end")
            {
                data.GetProperty("outputs").Text("one").Should().Be(string.Concat(words));
            }
        }

        text.Should().Be(string.Concat(words));
        types[0].Should().Be("snapshot");
        types[^1].Should().Be("end");
        types.Should().Contain("step").And.Contain("run");
    }

    [Fact]
    public async Task Runs_ListedByPages_AreAllThereOnce()
    {
        await using var bench = await RunBench.StartAsync();
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]));
        var made = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => bench.Api.StartRunAsync(workflow)));

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await bench.Api.SendAsync(
                HttpMethod.Get,
                $"runs?limit=10{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}",
                null
            );
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("id")));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        } while (after is not null);

        seen.Should().BeEquivalentTo(made);
    }

    [Fact]
    public async Task IdempotencyKey_UsedAgain_GivesTheSameRun_AndAnotherBodyIsUnprocessable()
    {
        await using var bench = await RunBench.InAsync(shared);
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]));
        bench.Http.DefaultRequestHeaders.Add("Idempotency-Key", "order-4711");

        var first = await bench.Api.StartRunAsync(workflow);
        var second = await bench.Api.StartRunAsync(workflow);
        using var other = await bench.Api.TrySendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs",
            new { inputs = new { text = "another" } }
        );

        second.Should().Be(first);
        other.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        await bench.Api.EndOfAsync(first);
        bench.Model.Calls.Should().ContainSingle();
    }
}
