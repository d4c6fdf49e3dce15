using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Applications render and call prompts by their name.</summary>
[Collection(CallTests.Name)]
public sealed class PromptCallTests : IAsyncDisposable
{
    private readonly CallWorld _world;

    public PromptCallTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Render_GivesTheMessages_WithTheDefaults()
    {
        var rendered = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"{CallWorld.Address}/render",
            new { version = "1.0.0", variables = new { ticket = "It {{ broke }}" } }
        );

        rendered.Text("content").Should().Be("Sort It {{ broke }}");
        rendered.Text("systemMessage").Should().Be("You sort in English.");
        rendered.Text("promptVersionId").Should().Be(_world.VersionId);
        rendered.GetProperty("messages").EnumerateArray().Select(message => message.Text("role")).Should().Equal("system", "user");
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("a%252Fb/%2f c", "a%25252Fb%2F%252f%20c")]
    public async Task Name_WithSlashesOrTheirEscapes_IsReadAsSent(string name, string inAddress)
    {
        await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name, content = $"This is {name}" });
        (await _world.Api.SendAsync(HttpMethod.Get, $"prompts/by-name/{inAddress}", null)).Text("content").Should().Be($"This is {name}");
        (await _world.Api.SendAsync(HttpMethod.Post, $"prompts/by-name/{inAddress}/render", new { }))
            .Text("content")
            .Should()
            .Be($"This is {name}");
    }

    [Theory]
    [InlineData("""{}""", "variables.ticket")]
    [InlineData("""{"variables":{"ticket":5}}""", "variables.ticket")]
    [InlineData("""{"variables":{"ticket":"x","tickets":"y"}}""", "variables.tickets")]
    [InlineData("""{"version":"1.0.0","label":"latest","variables":{"ticket":"x"}}""", "label")]
    [InlineData("""{"variables":{"ticket":"x"},"model":"no such"}""", "model")]
    [InlineData("""{"variables":{"ticket":"x"}}""", "model")]
    [InlineData("""{"variables":{"ticket":"x"},"model":"Fake","parameters":{"temperature":3}}""", "parameters.temperature")]
    public async Task Complete_WithWhatDoesNotFit_IsRefusedThere_AndCallsNothing(string body, string field)
    {
        var calls = _world.Model.Calls.Count;
        using var answer = await PostAsync($"{CallWorld.Address}/complete", body);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await CallWorld.JsonAsync(answer)).GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal(field);
        _world.Model.Calls.Should().HaveCount(calls);
    }

    [Theory]
    [InlineData("""{"version":"9.9.9"}""")]
    [InlineData("""{"label":"nowhere"}""")]
    public async Task Complete_OfNoVersion_Is404(string body)
    {
        using var answer = await PostAsync($"{CallWorld.Address}/complete", body);
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Complete_IsALogWithoutARun_OfAnApplication()
    {
        _world.Model.Script = _ => FakeAnswer.Of("A bug.");
        var answer = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"{CallWorld.Address}/complete",
            new
            {
                variables = new { ticket = "It broke" },
                model = "fake",
                parameters = new { maxTokens = 77 },
            }
        );

        answer.Text("output").Should().Be("A bug.");
        answer.Text("modelProfileId").Should().Be(_world.ProfileId);
        answer.GetProperty("cost").GetDecimal().Should().BePositive();
        var call = _world.Model.Calls[^1];
        call.Messages.Should().Equal(("system", "You sort in English."), ("user", "Sort It broke"));
        call.Body.GetProperty("max_tokens").GetInt32().Should().Be(77);
        var log = await _world.Api.SendAsync(HttpMethod.Get, $"execution-logs/{answer.Text("id")}", null);
        log.Text("source").Should().Be("application");
        log.TryGetProperty("runId", out _).Should().BeFalse();
        log.GetProperty("input").Text("ticket").Should().Be("It broke");
    }

    [Fact]
    public async Task Complete_Streamed_SendsTheTextAsItComes_ThenTheAnswer()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = _ => FakeAnswer.Of("One \uD83D\uDE00 two three") with { Gate = gate.Task, GateAfter = 1, Escaped = true };
        using var answer = await StreamAsync(_world.Api.Http);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Token));
        (await lines.ReadLineAsync(Token)).Should().Be("event: delta");
        (await lines.ReadLineAsync(Token)).Should().Contain("One", "the first text arrives while the model still writes");
        gate.SetResult();
        var rest = await lines.ReadToEndAsync(Token);

        var events = Events(rest).ToList();
        string.Concat(events.Where(item => item.Type == "delta").Select(item => item.Data.Text("text"))).Should().EndWith("two three");
        events[^1].Type.Should().Be("end");
        events[^1].Data.Text("output").Should().Be("One \uD83D\uDE00 two three");
    }

    [Theory]
    [InlineData(401, null, 502, "auth")]
    [InlineData(429, "insufficient_quota", 402, "quota")]
    [InlineData(429, null, 429, "rate_limited")]
    [InlineData(500, null, 502, "provider_error")]
    public async Task Complete_WhoseModelFails_SaysWhy_EvenIfAStreamWasWanted(int status, string? code, int expected, string word)
    {
        var profile = await _world.Api.AddProfileAsync(_world.Model.Endpoint, $"Failing {status} {code}");
        _world.Model.Script = _ => FakeAnswer.Error(status, "No.", code);
        foreach (var stream in new[] { false, true })
        {
            using var answer = await CallWorld.PostAsync(
                _world.Api.Http,
                $"{CallWorld.Address}/complete",
                new
                {
                    variables = new { ticket = "x" },
                    model = profile,
                    stream,
                }
            );
            ((int)answer.StatusCode).Should().Be(expected);
            var problem = await CallWorld.JsonAsync(answer);
            problem.Text("code").Should().Be(word);
            (await _world.Api.SendAsync(HttpMethod.Get, $"execution-logs/{problem.Text("executionLogId")}", null))
                .Text("errorCode")
                .Should()
                .Be(word);
        }
    }

    [Fact]
    public async Task Complete_ThatFailsInTheMiddle_EndsItsStreamWithAnError()
    {
        _world.Model.Script = _ => FakeAnswer.Of("One two") with { Ending = FakeEnding.ErrorEvent };
        using var answer = await StreamAsync(_world.Api.Http);
        var events = Events(await answer.Content.ReadAsStringAsync(Token)).ToList();

        events[0].Type.Should().Be("delta");
        events[^1].Type.Should().Be("error");
        events[^1].Data.Text("code").Should().Be("provider_error");
    }

    [Fact]
    public async Task Complete_WhoseClientLeaves_IsCancelled_AndLogged()
    {
        var calls = _world.Model.Calls.Count;
        _world.Model.Script = _ => FakeAnswer.Of("One two three") with { Gate = new TaskCompletionSource().Task, GateAfter = 1 };
        using (var client = await _world.AddKeyAsync(Permission.Run))
        {
            using var answer = await StreamAsync(client);
        }

        await Eventually.HoldsAsync(() => _world.Model.Calls[calls].IsAborted, "the call to end with the connection");
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await _world.Portal.Contexts.CreateDbContextAsync(Token);
                return await db.ExecutionLogs.AnyAsync(log => log.ErrorCode == ErrorCode.Cancelled && log.Output.StartsWith("One"), Token);
            },
            "the cancelled call to be logged"
        );
    }

    [Fact]
    public async Task Complete_ByAKeyThatIsRevoked_Ends()
    {
        var calls = _world.Model.Calls.Count;
        _world.Model.Script = _ => FakeAnswer.Of("One two three") with { Gate = new TaskCompletionSource().Task, GateAfter = 1 };
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        using var client = _world.Portal.CreateClient(person);
        using var answer = await StreamAsync(client);

        await _world.Portal.Get<ApiKeyService>().RevokeAsync(person.Actor, person.ApiKeyId, Token);

        await Eventually.HoldsAsync(() => _world.Model.Calls[calls].IsAborted, "the call to end with the key");
        (await answer.Content.ReadAsStringAsync(Token)).Should().NotContain("event: end");
    }

    [Fact]
    public async Task Key_WithModels_UsesTheFirst_AndNoOther()
    {
        var other = await _world.Api.AddProfileAsync(_world.Model.Endpoint, "Only this");
        using var client = await _world.AddKeyAsync(Permission.Run, Role.Collaborator, other);
        var variables = new { ticket = "x" };
        using var own = await CallWorld.PostAsync(client, $"{CallWorld.Address}/complete", new { variables });
        using var foreign = await CallWorld.PostAsync(client, $"{CallWorld.Address}/complete", new { variables, model = "Fake" });

        (await CallWorld.JsonAsync(own)).Text("modelProfileId").Should().Be(other);
        foreign.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await foreign.Content.ReadAsStringAsync(Token)).Should().Contain("This API key may not use this model profile");
    }

    [Fact]
    public async Task Key_WithoutModels_UsesItsOwnersDefault_WithinTheirRole()
    {
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        await using (var db = await _world.Portal.Contexts.CreateDbContextAsync(Token))
        {
            await db
                .Users.Where(user => user.Id == person.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(user => user.Preferences.DefaultModel, _world.ProfileId), Token);
        }

        using var client = _world.Portal.CreateClient(person);
        using var answer = await CallWorld.PostAsync(client, $"{CallWorld.Address}/complete", new { variables = new { ticket = "x" } });
        (await CallWorld.JsonAsync(answer)).Text("modelProfileId").Should().Be(_world.ProfileId);
    }

    [Theory]
    [InlineData(Permission.Read, Role.Admin, 200, 403)]
    [InlineData(Permission.Report, Role.Admin, 200, 403)]
    [InlineData(Permission.Run, Role.Admin, 200, 200)]
    [InlineData(Permission.Admin, Role.Viewer, 200, 403)]
    [InlineData(Permission.Admin, Role.Collaborator, 200, 200)]
    public async Task Scope_AndRole_Decide(Permission scope, Role role, int render, int complete)
    {
        using var client = await _world.AddKeyAsync(scope, role);
        using var nobody = _world.Portal.CreateClient();
        var body = new { variables = new { ticket = "x" } };
        using var rendered = await CallWorld.PostAsync(client, $"{CallWorld.Address}/render", body);
        using var completed = await CallWorld.PostAsync(
            client,
            $"{CallWorld.Address}/complete",
            new { body.variables, model = _world.ProfileId }
        );
        using var refused = await CallWorld.PostAsync(nobody, $"{CallWorld.Address}/complete", body);

        ((int)rendered.StatusCode).Should().Be(render);
        ((int)completed.StatusCode).Should().Be(complete);
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Bodies_OfEveryWrongShape_AreRefused_AndNothingFails()
    {
        var deep = new string('[', 200) + new string(']', 200);
        string[] bodies =
        [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            "{\"variables\":[]}",
            "{\"variables\":{\"ticket\":{}}}",
            $"{{\"variables\":{{\"ticket\":{deep}}}}}",
            "{\"variables\":{\"ticket\":\"\\ud83d\"}}",
            "{\"variables\":{\"ticket\":\"x\"},\"stream\":\"yes\"}",
            "{\"variables\":{\"ticket\":\"x\"},\"model\":7}",
            "{\"variables\":{\"ticket\":\"x\"},\"model\":\"Fake\",\"parameters\":[]}",
            "{\"variables\":{\"ticket\":\"x\"},\"nothing\":1}",
            "{\"version\":1}",
        ];
        foreach (var (body, path) in bodies.SelectMany(body => new[] { "render", "complete" }.Select(path => (body, path))))
        {
            using var answer = await PostAsync($"{CallWorld.Address}/{path}", body);
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, $"{path} {body}");
            answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        }

        var ticket = new string('x', 9_000_000);
        using var large = await PostAsync($"{CallWorld.Address}/complete", $"{{\"variables\":{{\"ticket\":\"{ticket}\"}}}}");
        large.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        _world.Portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/{path}", UriKind.Relative)) { Content = content };
        // What is too large is refused before it is sent.
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        return await _world.Api.Http.SendAsync(request, Token);
    }

    private async Task<HttpResponseMessage> StreamAsync(HttpClient client)
    {
        var body = JsonSerializer.Serialize(
            new
            {
                variables = new { ticket = "x" },
                model = _world.ProfileId,
                stream = true,
            }
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/{CallWorld.Address}/complete", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private static IEnumerable<(string Type, JsonElement Data)> Events(string text) =>
        from block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        let lines = block.Split('\n')
        let type = lines.FirstOrDefault(line => line.StartsWith("event: ", StringComparison.Ordinal))
        where type is not null
        let data = lines.First(line => line.StartsWith("data: ", StringComparison.Ordinal))
        select (type["event: ".Length..], JsonSerializer.Deserialize<JsonElement>(data["data: ".Length..]));
}
