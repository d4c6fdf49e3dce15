using System.Net;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Workflows and prompts for agents, over MCP.</summary>
[Collection(CallTests.Name)]
public sealed class AgentTests : IAsyncDisposable
{
    private const string Initialize = """
        {"jsonrpc":"2.0","id":1,"method":"initialize",
         "params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
        """;

    private readonly CallWorld _world;

    public AgentTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Client_ThatOthersWrote_ListsCallsAndCancels()
    {
        _world.Model.Script = call =>
            call.Prompt.StartsWith("slow", StringComparison.Ordinal)
                ? FakeAnswer.Of("One two three") with
                {
                    Gate = new TaskCompletionSource().Task,
                    GateAfter = 1,
                }
                : FakeAnswer.Of($"You said: {call.Prompt}");
        var tool = await AddToolAsync("Meeting notes & more", ("early", ["text"]), ("late", ["early"]));
        var slow = await AddToolAsync("Slow", ("slow", ["text"]));
        var review = await AddReviewAsync();
        var hidden = await AddToolAsync("Hidden", ("one", ["text"]));
        await ChangeAsync(slow, workflow => workflow["description"] = "Counts slowly.");
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{slow}/publish", null);
        await ChangeAsync(hidden, workflow => workflow["limits"] = new System.Text.Json.Nodes.JsonObject { ["hideFromAgents"] = true });
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        using var client = NodeClient.Start("mcp.mjs");
        await client.TellAsync(
            new
            {
                url = $"{_world.Portal.BaseAddress}mcp",
                key = person.ApiKey,
                wrong = "pp_wrong",
                tool = "meeting_notes_more",
                slow = "slow",
                review = "reviewed",
                prompt = $"{CallWorld.PromptName}@production",
            }
        );
        var calls = _world.Model.Calls.Count;
        var facts = (await client.UntilAsync("running")).ToList();
        await Eventually.HoldsAsync(() => _world.Model.Calls.Any(IsSlow), "the slow call");
        await client.TellAsync(new { });
        facts.AddRange(await client.UntilAsync("other origin"));
        await Eventually.HoldsAsync(() => _world.Model.Calls.Single(IsSlow).IsAborted, "the cancelled call to end its run");
        (await StatusAsync(slow)).Should().Be("cancelled");
        await _world.Portal.Get<ApiKeyService>().RevokeAsync(person.Actor, person.ApiKeyId, Token);
        await client.TellAsync(new { });
        facts.AddRange(await client.UntilAsync("end"));

        JsonElement Of(string what) => facts.Single(fact => fact.Text("what") == what);
        var tools = Of("tools").GetProperty("result").EnumerateArray().ToDictionary(one => one.Text("name"));
        tools.Keys.Should().Contain(["meeting_notes_more", "slow", "reviewed", "get_run"]).And.NotContain("hidden");
        tools["slow"].Text("description").Should().StartWith("Counts slowly. ").And.Contain("get_run");
        var schema = tools["meeting_notes_more"].GetProperty("inputSchema");
        schema.GetProperty("properties").GetProperty("text").Text("type").Should().Be("string");
        schema.GetProperty("required")[0].GetString().Should().Be("text");
        var result = Of("call").GetProperty("result").GetProperty("structuredContent");
        result.Text("status").Should().Be("succeeded");
        result.GetProperty("outputs").Text("late").Should().Be("You said: late: You said: early: Hello");
        Of("progress").GetProperty("result").GetArrayLength().Should().BePositive();
        TextOf(Of("wrong type")).Should().Contain("text: This must be text, not a number.");
        TextOf(Of("missing")).Should().Contain("text: “text” is required.");
        TextOf(Of("unknown")).Should().Contain("texts: ").And.Contain("Did you mean");
        TextOf(Of("no such tool")).Should().Contain("There is no such tool");
        TextOf(Of("no such run")).Should().Contain("There is no such run");
        Of("review").GetProperty("result").GetProperty("structuredContent").Text("status").Should().Be("waiting_for_review");
        Of("cancel").TryGetProperty("error", out _).Should().BeTrue();
        Of("prompts").GetRawText().Should().Contain("ticket");
        Of("prompts").GetProperty("result").EnumerateArray().Should().OnlyContain(prompt => prompt.Text("description").Length > 0);
        Of("prompt").GetProperty("result").GetProperty("messages")[1].GetProperty("content").Text("text").Should().Be("Sort It broke");
        Of("prompt without a value").Text("error").Should().Contain("ticket");
        Of("wrong key").TryGetProperty("error", out _).Should().BeTrue();
        Of("other origin").TryGetProperty("error", out _).Should().BeTrue();
        Of("revoked").TryGetProperty("error", out _).Should().BeTrue();
        _world.Model.Calls.Count.Should().BeGreaterThan(calls);
        _world.Portal.Log.Where(line => line.Contains("ModelContextProtocol", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task Call_WhoseConnectionIsClosed_CancelsItsRun_AlsoInASession()
    {
        var calls = _world.Model.Calls.Count;
        _world.Model.Script = _ => FakeAnswer.Of("One two three") with { Gate = new TaskCompletionSource().Task, GateAfter = 1 };
        var id = await AddToolAsync("Left alone", ("one", ["text"]));
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        using var client = _world.Portal.CreateClient(person);
        using (var opened = await PostAsync(client, Initialize))
        {
            client.DefaultRequestHeaders.Add("Mcp-Session-Id", opened.Headers.GetValues("Mcp-Session-Id").Single());
        }

        using var closing = new CancellationTokenSource();
        var call = PostAsync(
            client,
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"left_alone","arguments":{"text":"x"}}}""",
            closing.Token
        );
        await Eventually.HoldsAsync(() => _world.Model.Calls.Count > calls, "the call to begin");
        await closing.CancelAsync();

        await Eventually.HoldsAsync(() => _world.Model.Calls[calls].IsAborted, "the run to be cancelled");
        (await StatusAsync(id)).Should().Be("cancelled");
        try
        {
            (await call).Dispose();
        }
        catch (OperationCanceledException)
        {
            // Usual; the answer of a cancelled call may also have come before its client was gone.
        }
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("null", 400)]
    [InlineData("{", 400)]
    [InlineData("""{"jsonrpc":"2.0"}""", 400)]
    public async Task Body_ThatIsNoMessage_IsRefused(string body, int status)
    {
        using var answer = await PostAsync(_world.Api.Http, body);
        ((int)answer.StatusCode).Should().Be(status, await answer.Content.ReadAsStringAsync(Token));
        _world.Portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task Caller_WhoIsNobody_OrOfAnotherSite_OrTooLong_IsRefused()
    {
        using var nobody = _world.Portal.CreateClient();
        using var refused = await PostAsync(nobody, Initialize);
        using var foreign = _world.Portal.CreateAdminClient();
        foreign.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        using var page = await PostAsync(foreign, Initialize);
        using var own = _world.Portal.CreateAdminClient();
        own.DefaultRequestHeaders.Add("Origin", _world.Portal.BaseAddress.GetLeftPart(UriPartial.Authority));
        using var same = await PostAsync(own, Initialize);
        using var large = await PostAsync(_world.Api.Http, Initialize + new string(' ', 1_100_000));

        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        page.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        same.StatusCode.Should().Be(HttpStatusCode.OK);
        large.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Session_OfAnother_IsRefused()
    {
        using var first = await PostAsync(_world.Api.Http, Initialize);
        var session = first.Headers.GetValues("Mcp-Session-Id").Single();
        var other = await _world.Portal.AddPersonAsync(Role.Admin);
        using var client = _world.Portal.CreateClient(other);
        client.DefaultRequestHeaders.Add("Mcp-Session-Id", session);
        using var answer = await PostAsync(client, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    private static bool IsSlow(FakeCall call) => call.Prompt.StartsWith("slow", StringComparison.Ordinal);

    private static string TextOf(JsonElement fact)
    {
        var result = fact.GetProperty("result");
        result.GetProperty("isError").GetBoolean().Should().BeTrue();
        return result.GetProperty("content")[0].Text("text");
    }

    private async Task<string> AddToolAsync(string name, params (string Key, string[] Reads)[] steps)
    {
        var id = await _world.Api.AddWorkflowAsync(_world.ProfileId, steps);
        await ChangeAsync(id, workflow => workflow["name"] = name);
        return id;
    }

    private async Task<string> AddReviewAsync()
    {
        var id = await AddToolAsync("Reviewed", ("checked", ["text"]));
        await ChangeAsync(id, workflow => workflow["steps"]![0]!["review"] = new System.Text.Json.Nodes.JsonObject());
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        return id;
    }

    private async Task ChangeAsync(string id, Action<System.Text.Json.Nodes.JsonNode> change)
    {
        var workflow = await _world.Api.FindWorkflowAsync(id);
        change(workflow);
        var body = new System.Text.Json.Nodes.JsonObject();
        foreach (var field in new[] { "name", "description", "tags", "inputs", "steps", "limits" })
        {
            if (workflow[field] is { } value)
            {
                body[field] = value.DeepClone();
            }
        }

        await _world.Api.SendAsync(HttpMethod.Put, $"workflows/{id}", body);
    }

    private async Task<string> StatusAsync(string workflowId)
    {
        var status = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                var runs = await _world.Api.SendAsync(HttpMethod.Get, $"runs?workflowId={workflowId}", null);
                status = runs.GetProperty("items")[0].Text("status");
                return status is not ("running" or "queued");
            },
            "the run to end"
        );
        return status;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string body, CancellationToken? until = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, until ?? Token);
    }
}
