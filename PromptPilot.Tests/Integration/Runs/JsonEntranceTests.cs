using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>A portal with a workflow that hands JSON from step to step, shared by all tests of the class.</summary>
public sealed class JsonPortal : IAsyncLifetime
{
    internal RunBench Bench { get; private set; } = null!;

    /// <summary>Step “one” answers with its input <c>data</c> as JSON; step “two” reads that; a hook is told.</summary>
    internal string Workflow { get; private set; } = null!;

    internal string Profile { get; private set; } = null!;

    internal string Hook { get; private set; } = null!;

    internal string WebhookUrl { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bench = await RunBench.StartAsync();
        Bench.Model.Script = call =>
            call.Prompt.StartsWith("one: ", StringComparison.Ordinal)
                ? new FakeAnswer { Tokens = [call.Prompt["one: ".Length..]] }
                : FakeAnswer.Of("done");
        Profile = await Bench.Api.AddProfileAsync(Bench.Model.Endpoint);
        Workflow = await Bench.Api.AddWorkflowAsync(Profile, ("one", ["text"]), ("two", ["one"]));
        var draft = await Bench.Api.FindWorkflowAsync(Workflow);
        draft["inputs"] = JsonNode.Parse("""[{"name":"data","type":"json","required":true}]""");
        draft["steps"]![0]!["inputMapping"] = JsonNode.Parse("""{"text":"data"}""");
        draft["steps"]![0]!["outputFormat"] = "json";
        draft["steps"]![0]!["maxAttempts"] = 1;
        await Bench.Api.SendAsync(HttpMethod.Put, $"workflows/{Workflow}", draft);
        await Bench.Api.SendAsync(HttpMethod.Post, $"workflows/{Workflow}/publish", null);
        var hook = new { type = "webhook", targetUrl = "https://receiver.invalid/x" };
        Hook = (await Bench.Api.SendAsync(HttpMethod.Post, $"workflows/{Workflow}/integration-hooks", hook)).Text("id");
        var trigger = new { type = "webhook", webhook = new { verification = "none", inputMapping = new { data = "trigger.payload" } } };
        (Step, Prompt) = (draft["steps"]![0]!["id"]!.GetValue<string>(), draft["steps"]![0]!["promptId"]!.GetValue<string>());
        Run = (
            await Bench.Api.SendAsync(HttpMethod.Post, $"workflows/{Workflow}/runs?wait=60", new { inputs = new { data = new { a = 1 } } })
        ).Text("id");
        WebhookUrl = (await Bench.Api.SendAsync(HttpMethod.Post, $"workflows/{Workflow}/triggers", trigger)).Text("url");
    }

    /// <summary>A run that has ended, to fork.</summary>
    internal string Run { get; private set; } = null!;

    /// <summary>The first step of <see cref="Workflow"/>, and its prompt.</summary>
    internal string Step { get; private set; } = null!;

    /// <inheritdoc cref="Step"/>
    internal string Prompt { get; private set; } = null!;

    public async ValueTask DisposeAsync() => await Bench.DisposeAsync();
}

/// <summary>
/// What JSON comes in, at any entrance, is refused at its field in words or can be stored, read, streamed, exported and delivered. Nested
/// and with numbers that no type holds.
/// </summary>
public sealed class JsonEntranceTests(JsonPortal portal) : IClassFixture<JsonPortal>
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1000 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunApi Api => portal.Bench.Api;

    public static TheoryData<string> Entrances => [.. Bodies.Keys];

    /// <summary>Path, body around the value, and the field that a refusal names.</summary>
    private static Dictionary<string, (string Path, string Body, string Field)> Bodies =>
        new()
        {
            ["run"] = ("workflows/{workflow}/runs", """{"inputs":{"data":$}}""", "inputs.data"),
            ["run with wait"] = ("workflows/{workflow}/runs?wait=1", """{"inputs":{"data":$}}""", "inputs.data"),
            ["default of a variable"] = (
                "prompts",
                """{"name":"@","content":"{{ x }}","variableDefinitions":[{"name":"x","type":"json","default":$}]}""",
                "variableDefinitions[0].default"
            ),
            ["example of a variable"] = (
                "prompts",
                """{"name":"@","content":"{{ x }}","variableDefinitions":[{"name":"x","type":"json","example":$}]}""",
                "variableDefinitions[0].example"
            ),
            ["default of an input"] = (
                "workflows",
                """{"name":"@","inputs":[{"name":"x","type":"json","required":false,"default":$}],"steps":[]}""",
                "inputs[0].default"
            ),
            ["inputs of a trigger"] = (
                "workflows/{workflow}/triggers",
                """{"type":"scheduled","enabled":false,"inputs":{"data":$},"schedule":{"cron":"0 0 1 1 *","timeZone":"UTC"}}""",
                "inputs.data"
            ),
            ["default output of a step"] = (
                "workflows",
                """{"name":"@","inputs":[],"steps":[{"promptId":"{prompt}","model":"{profile}","outputKey":"one","order":1,"inputMapping":{"text":"'x'"},"onError":"default","outputFormat":"json","defaultOutput":$}]}""",
                "steps[0].defaultOutput"
            ),
            ["inputs of a fork"] = ("runs/{run}/fork", """{"stepId":"{step}","inputs":{"data":$}}""", "inputs.data"),
            ["values of a fork"] = ("runs/{run}/fork", """{"stepId":"{step}","values":{"text":$}}""", "values.text"),
        };

    /// <summary>What starts a run answers with its id alone.</summary>
    private static bool AnswersWithTheValue(string name) => name != "run" && !name.EndsWith("fork", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Entrances))]
    public async Task Entrance_AtEachDepth_TakesItOrRefusesItAtItsField(string name)
    {
        var (path, body, field) = Bodies[name];
        foreach (var (kind, depth, json) in JsonShapes.All)
        {
            var (status, answer) = await PostAsync(path, body, json);

            var because = $"{name}, {kind} of depth {depth}: {answer}";
            if (depth <= JsonShapes.Limit)
            {
                status.Should().BeInRange(200, 202, because);
            }
            else
            {
                status.Should().Be(400, because);
                var problem = JsonElement.Parse(answer, Deep);
                problem.GetProperty("errors").GetProperty(field)[0].GetString().Should().Contain("more than 50 levels deep", because);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Entrances))]
    public async Task Entrance_OfEachNumber_KeepsItsText(string name)
    {
        var (path, body, _) = Bodies[name];
        foreach (var number in JsonShapes.Numbers)
        {
            var (status, answer) = await PostAsync(
                path.Replace("wait=1", "wait=60", StringComparison.Ordinal),
                body,
                $"{{\"n\":{number}}}"
            );

            status.Should().BeInRange(200, 202, answer);
            if (AnswersWithTheValue(name))
            {
                answer.Should().Contain($"{{\"n\":{number}}}", name);
            }
        }
    }

    [Fact]
    public async Task Webhook_AtEachDepth_TakesItOrRefusesItInWords()
    {
        foreach (var (kind, depth, json) in JsonShapes.All)
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var answer = await portal.Bench.Http.PostAsync(
                new Uri(new Uri(portal.WebhookUrl).PathAndQuery, UriKind.Relative),
                content,
                Cancellation
            );
            var text = await answer.Content.ReadAsStringAsync(Cancellation);

            if (depth <= JsonShapes.Limit)
            {
                ((int)answer.StatusCode).Should().BeInRange(200, 202, $"{kind} of depth {depth}: {text}");
            }
            else
            {
                ((int)answer.StatusCode).Should().Be(400, $"{kind} of depth {depth}: {text}");
                text.Should().Contain("more than 50 levels deep");
            }
        }
    }

    [Fact]
    public async Task Run_OfTheDeepestAndOfEachNumber_IsTheSameEverywhere()
    {
        var numbers = $"[{string.Join(',', JsonShapes.Numbers)}]";
        foreach (var json in JsonShapes.Kinds.Select(kind => JsonShapes.Of(kind, JsonShapes.Limit)).Append(numbers))
        {
            var (status, answer) = await PostAsync($"workflows/{portal.Workflow}/runs?wait=60", """{"inputs":{"data":$}}""", json);
            status.Should().Be(200, answer);
            var run = JsonElement.Parse(answer);

            run.Text("status").Should().Be("succeeded", answer);
            run.GetProperty("inputs").GetProperty("data").GetRawText().Should().Be(json);
            run.GetProperty("outputs").GetProperty("one").GetRawText().Should().Be(json);
            var log = run.GetProperty("steps")[1].GetProperty("logs")[0];
            log.GetProperty("input").GetProperty("one").GetRawText().Should().Be(json);
            portal.Bench.Model.CountOf($"two: {json}").Should().BePositive();
            (await StreamedAsync(run.Text("id"))).Should().Contain(json);
            (await Api.SendAsync(HttpMethod.Get, $"runs?workflowId={portal.Workflow}&limit=5", null))
                .GetRawText()
                .Should()
                .Contain("items");
            (await DeliveredAsync(run.Text("id"))).Should().Contain(json);
        }
    }

    [Fact]
    public async Task Definition_OfTheDeepestAndOfEachNumber_IsExportedAndImportedAgain()
    {
        var numbers = $"[{string.Join(',', JsonShapes.Numbers)}]";
        foreach (var json in JsonShapes.Kinds.Select(kind => JsonShapes.Of(kind, JsonShapes.Limit)).Append(numbers))
        {
            var (_, made) = await PostAsync("prompts", Bodies["default of a variable"].Body, json);
            var name = JsonElement.Parse(made).Text("name");
            using var exported = await Api.TrySendAsync(
                HttpMethod.Get,
                $"export?prompt={JsonElement.Parse(made).Text("id")}&as=file",
                null
            );
            var file = await exported.Content.ReadAsStringAsync(Cancellation);

            var (status, report) = await ImportAsync(file.Replace(name, $"{name} again", StringComparison.Ordinal));

            status.Should().Be(200, report);
            var again = await Api.SendAsync(HttpMethod.Get, $"prompts/by-name/{Uri.EscapeDataString(name + " again")}", null);
            again.GetProperty("variableDefinitions")[0].GetProperty("default").GetRawText().Should().Be(json);
        }
    }

    [Fact]
    public async Task Import_AtEachDepth_TakesItOrRefusesItInWords()
    {
        foreach (var (kind, depth, json) in JsonShapes.All)
        {
            var name = Guid.NewGuid().ToString("N");
            var file =
                $"---\nname: {name}\nvariables:\n  - name: x\n    type: json\n    default: "
                + $"{json.Replace(":", ": ", StringComparison.Ordinal)}\n---\n{{{{ x }}}}\n";

            var (status, report) = await ImportAsync(file);

            if (depth <= JsonShapes.Limit)
            {
                status.Should().Be(200, $"{kind} of depth {depth}: {report}");
                report.Should().NotContain("nested", $"{kind} of depth {depth}");
            }
            else
            {
                report.Should().Contain("nested more than", $"{kind} of depth {depth}, {status}");
            }
        }
    }

    [Fact]
    public async Task Answer_AtEachDepth_IsTakenOrInvalid_AndHoldsNobodyUp()
    {
        var text = await Api.AddWorkflowAsync(portal.Profile, ("deep", ["text"]));
        var draft = await Api.FindWorkflowAsync(text);
        draft["steps"]![0]!["outputFormat"] = "json";
        draft["steps"]![0]!["maxAttempts"] = 1;
        await Api.SendAsync(HttpMethod.Put, $"workflows/{text}", draft);
        await Api.SendAsync(HttpMethod.Post, $"workflows/{text}/publish", null);
        var usual = portal.Bench.Model.Script!;
        portal.Bench.Model.Script = call =>
            call.Prompt.StartsWith("deep: ", StringComparison.Ordinal)
                ? new FakeAnswer
                {
                    Tokens =
                    [
                        JsonShapes.Of(
                            call.Prompt.Split(' ')[1],
                            int.Parse(call.Prompt.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture)
                        ),
                    ],
                }
                : usual(call);
        foreach (var (kind, depth, json) in JsonShapes.All)
        {
            var run = await Api.RunAsync(text, $"{kind} {depth}");

            if (depth <= JsonShapes.Limit)
            {
                run.Text("status").Should().Be("succeeded", $"{kind} of depth {depth}");
                run.GetProperty("outputs").GetProperty("deep").GetRawText().Should().Be(json);
            }
            else
            {
                run.GetProperty("error").Text("code").Should().Be("invalid_output", $"{kind} of depth {depth}");
                run.GetProperty("error").Text("message").Should().Contain("more than 50 levels deep");
            }
        }
    }

    [Fact]
    public async Task Edit_OfAReview_AtEachDepth_IsTakenOrRefusedAtItsField()
    {
        var reviewed = await Api.AddWorkflowAsync(portal.Profile, ("one", ["text"]));
        var draft = await Api.FindWorkflowAsync(reviewed);
        draft["inputs"] = JsonNode.Parse("""[{"name":"data","type":"json","required":true}]""");
        draft["steps"]![0]!["inputMapping"] = JsonNode.Parse("""{"text":"data"}""");
        draft["steps"]![0]!["outputFormat"] = "json";
        draft["steps"]![0]!["review"] = JsonNode.Parse("""{"instructions":"Look."}""");
        var step = draft["steps"]![0]!["id"]!.GetValue<string>();
        await Api.SendAsync(HttpMethod.Put, $"workflows/{reviewed}", draft);
        await Api.SendAsync(HttpMethod.Post, $"workflows/{reviewed}/publish", null);
        var waiting = await WaitingAsync(reviewed);
        foreach (var (kind, depth, json) in JsonShapes.All.Where(shape => shape.Depth >= JsonShapes.Limit))
        {
            var (status, answer) = await PostAsync($"runs/{waiting}/reviews/{step}", """{"verdict":"edit","output":$}""", json);

            var because = $"{kind} of depth {depth}: {answer}";
            if (depth > JsonShapes.Limit)
            {
                status.Should().Be(400, because);
                JsonElement.Parse(answer, Deep).GetProperty("errors").GetProperty("output")[0].GetString().Should().Contain("50 levels");
                continue;
            }

            status.Should().Be(200, because);
            var run = await Api.EndOfAsync(waiting);
            run.GetProperty("outputs").GetProperty("one").GetRawText().Should().Be(json);
            waiting = await WaitingAsync(reviewed);
        }

        foreach (var number in JsonShapes.Numbers)
        {
            var (status, answer) = await PostAsync($"runs/{waiting}/reviews/{step}", """{"verdict":"edit","output":$}""", number);

            status.Should().Be(200, answer);
            (await Api.EndOfAsync(waiting)).GetProperty("outputs").GetProperty("one").GetRawText().Should().Be(number);
            waiting = await WaitingAsync(reviewed);
        }
    }

    /// <summary>A new run, at its review.</summary>
    private async Task<string> WaitingAsync(string workflow)
    {
        var run = (await Api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/runs", new { inputs = new { data = 1 } })).Text("id");
        await Eventually.HoldsAsync(
            async () => (await Api.SendAsync(HttpMethod.Get, $"runs/{run}", null)).Text("status") == "waiting",
            "the run to wait"
        );
        return run;
    }

    [Fact]
    public async Task Answer_WithEachNumber_FlowsOnUnchanged()
    {
        foreach (var number in JsonShapes.Numbers)
        {
            var (_, answer) = await PostAsync($"workflows/{portal.Workflow}/runs?wait=60", """{"inputs":{"data":$}}""", number);

            JsonElement.Parse(answer).GetProperty("outputs").GetProperty("one").GetRawText().Should().Be(number);
            portal.Bench.Model.CountOf($"two: {number}").Should().BePositive();
        }
    }

    private async Task<(int Status, string Answer)> PostAsync(string path, string body, string json)
    {
        (path, body) = (Fill(path), Fill(body));
        body = body.Replace("$", json, StringComparison.Ordinal).Replace("@", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
        return await SendAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
    }

    private string Fill(string text) =>
        text.Replace("{workflow}", portal.Workflow, StringComparison.Ordinal)
            .Replace("{run}", portal.Run, StringComparison.Ordinal)
            .Replace("{step}", portal.Step, StringComparison.Ordinal)
            .Replace("{prompt}", portal.Prompt, StringComparison.Ordinal)
            .Replace("{profile}", portal.Profile, StringComparison.Ordinal);

    private Task<(int Status, string Answer)> ImportAsync(string file) =>
        SendAsync("import?fileName=p.md", new StringContent(file, Encoding.UTF8, "text/markdown"));

    private async Task<(int Status, string Answer)> SendAsync(string path, HttpContent content)
    {
        using (content)
        {
            using var answer = await portal.Bench.Http.PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content, Cancellation);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }

    private async Task<string> StreamedAsync(string runId)
    {
        using var stream = await portal.Bench.Http.GetStreamAsync(new Uri($"/api/v1/runs/{runId}/events", UriKind.Relative), Cancellation);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancellation))
        {
            return item.Data;
        }

        return "";
    }

    private async Task<string> DeliveredAsync(string runId)
    {
        var list = await Api.SendAsync(HttpMethod.Get, $"workflows/{portal.Workflow}/integration-hooks/{portal.Hook}/deliveries", null);
        var delivery = list.GetProperty("items")
            .EnumerateArray()
            .First(item => item.GetRawText().Contains(runId, StringComparison.Ordinal));
        var path = $"workflows/{portal.Workflow}/integration-hooks/{portal.Hook}/deliveries/{delivery.Text("id")}";
        return (await Api.SendAsync(HttpMethod.Get, path, null)).GetRawText();
    }
}
