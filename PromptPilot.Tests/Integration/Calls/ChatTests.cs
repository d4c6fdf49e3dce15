using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Prompts and workflows as models of chat completions.</summary>
[Collection(CallTests.Name)]
public sealed class ChatTests : IAsyncDisposable
{
    private readonly CallWorld _world;

    public ChatTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Clients_ThatOthersWrote_ListCallAndFail()
    {
        _world.Model.Script = call =>
            call.Prompt.EndsWith("break", StringComparison.Ordinal)
                ? FakeAnswer.Of("One two") with
                {
                    Ending = FakeEnding.ErrorEvent,
                }
                : FakeAnswer.Of($"You said: {call.Prompt}");
        using var client = await _world.AddKeyAsync(Permission.Run, Role.Collaborator, _world.ProfileId);
        var key = client.DefaultRequestHeaders.Authorization!.Parameter;
        var (_, name) = await AddWorkflowAsync(("early", ["text"]), ("late", ["early"]));
        string[] models = [$"prompt/{CallWorld.PromptName}", $"workflow/{name}"];

        var facts = await NodeClient.RunAsync(
            "chat.mjs",
            new
            {
                baseURL = $"{_world.Portal.BaseAddress}v1",
                key,
                models,
                wrong = "pp_wrong",
            }
        );

        facts[0].GetProperty("ids").EnumerateArray().Select(id => id.GetString()).Should().Contain(models);
        foreach (var model in models)
        {
            var expected = model == models[0] ? "You said: Sort Hello there" : "You said: late: You said: early: Hello there";
            var answers = facts.Where(fact => Is(fact, "model", model) && fact.TryGetProperty("text", out _)).ToList();
            answers.Should().HaveCount(6, "three clients, whole and streamed");
            foreach (var answer in answers)
            {
                answer.Text("text").Should().Be(expected, answer.GetRawText());
                answer.GetProperty("usage").GetInt32().Should().BePositive(answer.GetRawText());
                if (answer.TryGetProperty("finish", out var finish))
                {
                    finish.GetString().Should().Be("stop");
                }
            }

            facts.Single(fact => Is(fact, "what", "retrieve") && Is(fact, "model", model)).Text("id").Should().Be(model);
        }

        Error(facts, "openai", "wrong key").Should().Match<JsonElement>(error => Is(error, "error", "AuthenticationError"));
        Error(facts, "openai", "wrong key").Text("message").Should().Contain("This API key is not valid");
        Error(facts, "openai", "no such model").Text("code").Should().Be("model_not_found");
        Error(facts, "openai", "tools").GetProperty("status").GetInt32().Should().Be(400);
        Error(facts, "openai", "tools").Text("message").Should().Contain("Tools are not supported");
        Error(facts, "openai", "error in the middle").Text("message").Should().Contain("ran out of memory");
        Error(facts, "langchain", "wrong key").Text("message").Should().Contain("This API key is not valid");
    }

    [Fact]
    public async Task Messages_BeforeTheLast_GoToThePlaceholder_AndNowhereElse()
    {
        await _world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Helper",
                messages = new[]
                {
                    new { role = "system", content = "Be short." },
                    new { role = "placeholder", content = "history" },
                    new { role = "user", content = "{{ question }}" },
                },
            }
        );
        object[] messages =
        [
            new { role = "user", content = "One" },
            new { role = "assistant", content = "Two" },
            new { role = "user", content = "Three {{ x }}" },
        ];
        await CompleteAsync("prompt/Helper", messages);
        _world
            .Model.Calls[^1]
            .Messages.Should()
            .Equal(("system", "Be short."), ("user", "One"), ("assistant", "Two"), ("user", "Three {{ x }}"));

        await CompleteAsync($"prompt/{CallWorld.PromptName}", messages);
        _world.Model.Calls[^1].Messages.Should().Equal(("system", "You sort in English."), ("user", "Sort Three {{ x }}"));
    }

    [Fact]
    public async Task Message_OfAWorkflowWithAChatInput_GoesThere_AndItsDescriptionIsListed()
    {
        _world.Model.Script = call => FakeAnswer.Of($"You said: {call.Prompt}");
        var (id, name) = await AddWorkflowAsync(("only", ["text"]));
        var workflow = await _world.Api.FindWorkflowAsync(id);
        workflow["inputs"]!.AsArray().Add(new JsonObject { ["name"] = "tone", ["required"] = false });
        workflow["inputs"]!.AsArray().Add(new JsonObject { ["name"] = "more", ["required"] = false });
        workflow["inputs"]![0]!["required"] = false;
        (workflow["description"], workflow["chatInput"]) = ("Sorts tickets.", "text");
        await _world.Api.SendAsync(HttpMethod.Put, $"workflows/{id}", workflow);
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);

        using var answer = await PostAsync(_world.Api.Http, Body($"workflow/{name}", [new { role = "user", content = "Three {{ x }}" }]));
        using var models = await _world.Api.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);

        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        (await CallWorld.JsonAsync(answer))
            .GetProperty("choices")[0]
            .GetProperty("message")
            .Text("content")
            .Should()
            .Contain("Three {{ x }}");
        (await CallWorld.JsonAsync(models))
            .GetProperty("data")
            .EnumerateArray()
            .Single(model => model.Text("id") == $"workflow/{name}")
            .Text("description")
            .Should()
            .Be("Sorts tickets.");
    }

    [Fact]
    public async Task HelperCalls_OfFrontEnds_RunThePromptTheyAreGiven_AndNotTheWorkflow()
    {
        await _world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new { name = "Small", messages = new[] { new { role = "placeholder", content = "messages" } } }
        );
        var task = "### Task:\nGenerate a concise title for the chat history.\n### Chat History:\n<chat_history>USER: Hi</chat_history>";
        await CompleteAsync("prompt/Small", [new { role = "user", content = task }]);

        _world.Model.Calls[^1].Messages.Should().Equal(("user", task));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"x"}]}""", "model")]
    [InlineData("""{"model":"M"}""", "messages")]
    [InlineData("""{"model":"M","messages":[]}""", "messages")]
    [InlineData("""{"model":"M","messages":{}}""", "messages")]
    [InlineData("""{"model":"M","messages":["x"]}""", "messages[0]")]
    [InlineData("""{"model":"M","messages":[{"role":"tool","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":""}]}""", "messages[0].content")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"\ud83d"}]}""", "messages[0].content")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content")]
    [InlineData("""{"model":"M","messages":[{"role":"assistant","content":"x"}]}""", "messages")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"tools":[{}]}""", "tools")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"tools":{}}""", "tools")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"n":2}""", "n")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"audio":{}}""", "audio")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"modalities":["text","audio"]}""", "modalities")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", "response_format")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"stream":"yes"}""", "stream")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"temperature":9}""", "parameters.temperature")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"max_tokens":1e99}""", "max_tokens")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"reasoning_effort":"huge"}""", "reasoning_effort")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"reasoning_effort":2}""", "reasoning_effort")]
    public async Task Request_ThatCannotBeDone_Is400_AtItsField(string body, string param)
    {
        var model = JsonSerializer.Serialize($"prompt/{CallWorld.PromptName}");
        using var answer = await PostAsync(_world.Api.Http, body.Replace("\"M\"", model, StringComparison.Ordinal));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var error = (await CallWorld.JsonAsync(answer)).GetProperty("error");
        error.Text("param").Should().Be(param);
        error.Text("message").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("\"low\"", "low")]
    [InlineData("\"high\"", "high")]
    [InlineData("null", null)]
    public async Task ReasoningEffort_IsSentToTheProvider(string effort, string? sent)
    {
        var model = JsonSerializer.Serialize($"prompt/{CallWorld.PromptName}");
        var body = $$"""{"model":{{model}},"messages":[{"role":"user","content":"x"}],"reasoning_effort":{{effort}}}""";

        using var client = await _world.AddKeyAsync(Permission.Run, Role.Collaborator, _world.ProfileId);
        using var answer = await PostAsync(client, body);

        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        var onWire = _world.Model.Calls[^1].Body.TryGetProperty("reasoning_effort", out var word) ? word.GetString() : null;
        onWire.Should().Be(sent);
    }

    [Fact]
    public async Task Bodies_OfEveryWrongShape_AreRefusedInTheClientsShape()
    {
        var deep = new string('[', 5000);
        foreach (var body in new[] { "", "null", "[]", "7", "{", $"{{\"model\":{deep}", "\"x\"" })
        {
            using var answer = await PostAsync(_world.Api.Http, body);
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, body[..Math.Min(20, body.Length)]);
            (await CallWorld.JsonAsync(answer)).GetProperty("error").Text("message").Should().NotBeEmpty();
        }

        using var large = await PostAsync(_world.Api.Http, $"{{\"model\":\"{new string('x', 9_000_000)}\"}}");
        large.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        using var none = await _world.Api.Http.GetAsync(new Uri("/v1/none", UriKind.Relative), Token);
        none.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await CallWorld.JsonAsync(none)).GetProperty("error").Text("message").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(Permission.Read, Role.Admin, 403)]
    [InlineData(Permission.Report, Role.Admin, 403)]
    [InlineData(Permission.Run, Role.Collaborator, 200)]
    [InlineData(Permission.Admin, Role.Viewer, 403)]
    public async Task Scope_AndRole_Decide(Permission scope, Role role, int status)
    {
        using var client =
            role == Role.Viewer ? await _world.AddKeyAsync(scope, role) : await _world.AddKeyAsync(scope, role, _world.ProfileId);
        using var list = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
        using var call = await PostAsync(client, Body($"prompt/{CallWorld.PromptName}", [new { role = "user", content = "x" }]));

        ((int)list.StatusCode).Should().Be(status);
        ((int)call.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task Workflow_OnAModelOfAnotherRole_OrUnpublished_IsNotOffered()
    {
        var profile = await _world.Api.AddProfileAsync(_world.Model.Endpoint, "Architects only");
        await _world.Api.SendAsync(
            HttpMethod.Put,
            $"model-profiles/{profile}",
            new
            {
                name = "Architects only",
                provider = "openai-compatible",
                endpoint = _world.Model.Endpoint,
                model = "fake-1",
                roles = new[] { "architect" },
            }
        );
        var id = await _world.Api.AddWorkflowAsync(profile, ("one", ["text"]));
        var name = (string)(await _world.Api.FindWorkflowAsync(id))["name"]!;
        using var collaborator = await _world.AddKeyAsync(Permission.Run, Role.Collaborator);
        using var architect = await _world.AddKeyAsync(Permission.Run, Role.Architect);

        (await IdsAsync(collaborator)).Should().NotContain($"workflow/{name}");
        (await IdsAsync(architect)).Should().Contain($"workflow/{name}");
        using var refused = await PostAsync(collaborator, Body($"workflow/{name}", [new { role = "user", content = "x" }]));
        refused.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/archive", null);
        (await IdsAsync(architect)).Should().NotContain($"workflow/{name}");
    }

    [Fact]
    public async Task Workflow_WhoseClientLeaves_IsCancelled()
    {
        var calls = _world.Model.Calls.Count;
        _world.Model.Script = _ => FakeAnswer.Of("One two three") with { Gate = new TaskCompletionSource().Task, GateAfter = 1 };
        var (id, name) = await AddWorkflowAsync(("only", ["text"]));
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        using (var client = _world.Portal.CreateClient(person))
        {
            using var answer = await PostAsync(client, Body($"workflow/{name}", [new { role = "user", content = "x" }], stream: true));
            answer.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        }

        await Eventually.HoldsAsync(
            () => _world.Model.Calls.Count > calls && _world.Model.Calls[calls].IsAborted,
            "the run to be cancelled"
        );
        await Eventually.HoldsAsync(async () => await StatusAsync(id) == "cancelled", "the run to say so");
    }

    [Fact]
    public async Task Workflow_WhoseKeyIsRevoked_IsCancelled()
    {
        var calls = _world.Model.Calls.Count;
        _world.Model.Script = _ => FakeAnswer.Of("One two three") with { Gate = new TaskCompletionSource().Task, GateAfter = 1 };
        var (id, name) = await AddWorkflowAsync(("only", ["text"]));
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        using var client = _world.Portal.CreateClient(person);
        using var answer = await PostAsync(client, Body($"workflow/{name}", [new { role = "user", content = "x" }], stream: true));

        await _world.Portal.Get<ApiKeyService>().RevokeAsync(person.Actor, person.ApiKeyId, Token);

        await Eventually.HoldsAsync(
            () => _world.Model.Calls.Count > calls && _world.Model.Calls[calls].IsAborted,
            "the run to be cancelled"
        );
        await Eventually.HoldsAsync(async () => await StatusAsync(id) == "cancelled", "the run to say so");
    }

    [Fact]
    public async Task Workflow_WhoseAttemptIsRepeatedAfterItsTextWasSent_SaysSo()
    {
        var (_, name) = await AddWorkflowAsync(("only", ["text"]));
        var answers = new Queue<FakeAnswer>([
            FakeAnswer.Of("Wrong start") with
            {
                Ending = FakeEnding.ErrorEvent,
            },
            FakeAnswer.Of("Right."),
        ]);
        _world.Model.Script = _ => answers.Dequeue();
        using var answer = await PostAsync(_world.Api.Http, Body($"workflow/{name}", [new { role = "user", content = "x" }], stream: true));
        var text = await answer.Content.ReadAsStringAsync(Token);

        // If the first attempt ended before its text was looked at, nothing of it was sent.
        (text.Contains("\"answer_changed\"", StringComparison.Ordinal) || text.Contains("[DONE]", StringComparison.Ordinal))
            .Should()
            .BeTrue();
        text.Contains("Wrong", StringComparison.Ordinal).Should().Be(text.Contains("\"answer_changed\"", StringComparison.Ordinal));
    }

    private async Task<(string Id, string Name)> AddWorkflowAsync(params (string Key, string[] Reads)[] steps)
    {
        var id = await _world.Api.AddWorkflowAsync(_world.ProfileId, steps);
        return (id, (string)(await _world.Api.FindWorkflowAsync(id))["name"]!);
    }

    private async Task<string> StatusAsync(string workflowId) =>
        (await _world.Api.SendAsync(HttpMethod.Get, $"runs?workflowId={workflowId}", null)).GetProperty("items")[0].Text("status");

    private async Task CompleteAsync(string model, object[] messages)
    {
        using var client = await _world.AddKeyAsync(Permission.Run, Role.Collaborator, _world.ProfileId);
        using var answer = await PostAsync(client, Body(model, messages));
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
    }

    private static string Body(string model, object[] messages, bool stream = false) =>
        JsonSerializer.Serialize(
            new
            {
                model,
                messages,
                stream,
                reasoning = "ignored",
            }
        );

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative))
        {
            Content = content,
        };
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private static async Task<IEnumerable<string>> IdsAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
        return (await CallWorld.JsonAsync(answer)).GetProperty("data").EnumerateArray().Select(model => model.Text("id")).ToList();
    }

    private static bool Is(JsonElement fact, string name, string value) =>
        fact.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.GetString() == value;

    private static JsonElement Error(IReadOnlyList<JsonElement> facts, string client, string what) =>
        facts.Single(fact => Is(fact, "client", client) && Is(fact, "what", what));
}
