using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>
/// Applications and agents that ask one host for a run that the other executes. B has one slot, which is taken, so A claims all others.
/// </summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsDoorTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _gate = new();
    private FakeModelServer _model = null!;
    private RedisServer? _redis;
    private TwoPortals? _portals;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _model.Script = call =>
            call.Prompt.Contains("hold", StringComparison.Ordinal) ? FakeAnswer.Of("held") with { Gate = _gate.Task, GateAfter = 1 }
            : call.Prompt.Contains("slow", StringComparison.Ordinal) ? FakeAnswer.OfTokens(20, TimeSpan.FromMilliseconds(100))
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        await (_portals?.DisposeAsync() ?? default);
        _redis?.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Requests_ForARunThatTheOtherHostExecutes_AreAnswered()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _redis = RedisServer.Start();
        _portals = await TwoPortals.StartAsync(
            settings: new Dictionary<string, string?> { [RedisConnection.Key] = _redis.Address },
            settingsOfB: new Dictionary<string, string?> { ["PromptPilot:Runs:MaxConcurrentRuns"] = "1" }
        );
        using var a = _portals.A.CreateAdminClient();
        using var b = _portals.B.CreateAdminClient();
        var (onA, onB) = (new RunApi(a), new RunApi(b));
        var workflow = await onA.AddWorkflowAsync(await onA.AddProfileAsync(_model.Endpoint), ("answer", ["text"]));
        await onB.StartRunAsync(workflow, "hold");
        await _model.WaitAsync(model => model.CountOf("hold") == 1, Token);

        var waited = await onB.RunAsync(workflow, "waits");
        waited.Text("status").Should().Be("succeeded");
        var model = (await JsonAsync(b, "/v1/models"))
            .GetProperty("data")
            .EnumerateArray()
            .Select(each => each.Text("id"))
            .First(id => id.Contains("Workflow", StringComparison.OrdinalIgnoreCase));
        (await CompleteAsync(b, model, "asks", isStream: false)).Should().Contain("three clear steps");
        var (text, pieces) = await StreamAsync(b, model, "slow");
        text.Should().Be(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"w{i}")));
        pieces.Should().BeGreaterThan(3, "tokens arrive while A executes the run");
        (await CallToolAsync(b, "agent")).Should().Contain("three clear steps");

        await using var db = await _portals.A.Contexts.CreateDbContextAsync(Token);
        (await db.WorkflowRuns.CountAsync(run => run.WorkflowId == workflow && run.Status == RunStatus.Succeeded, Token)).Should().Be(4);
        (await onB.SendAsync(HttpMethod.Get, "hosts", null))
            .GetProperty("items")
            .EnumerateArray()
            .Single(host => host.GetProperty("isThis").GetBoolean())
            .GetProperty("slots")
            .GetInt32()
            .Should()
            .Be(1, "B was busy all the time");
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path) =>
        JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(new Uri(path, UriKind.Relative), Token));

    private static async Task<string> CompleteAsync(HttpClient client, string model, string text, bool isStream)
    {
        using var content = new StringContent(
            JsonSerializer.Serialize(
                new
                {
                    model,
                    stream = isStream,
                    messages = new[] { new { role = "user", content = text } },
                }
            ),
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, Token);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<(string Text, int Pieces)> StreamAsync(HttpClient client, string model, string text)
    {
        var pieces = (await CompleteAsync(client, model, text, isStream: true))
            .Split('\n')
            .Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line[6..]))
            .Where(chunk => chunk.GetProperty("choices").GetArrayLength() > 0)
            .Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))
            .Select(delta => delta.TryGetProperty("content", out var piece) ? piece.GetString() : null)
            .Where(piece => !string.IsNullOrEmpty(piece))
            .ToList();
        return (string.Concat(pieces), pieces.Count);
    }

    /// <summary>Calls the workflow as an agent does, in a session of this host.</summary>
    private static async Task<string> CallToolAsync(HttpClient client, string text)
    {
        const string Initialize = """
            {"jsonrpc":"2.0","id":0,"method":"initialize",
             "params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            """;
        using var opened = await SendAsync(client, Initialize, null);
        var session = opened.Headers.GetValues("Mcp-Session-Id").Single();
        var tools = await PostAsync(client, """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""", session);
        var name = tools.Split("\"name\":\"")[1].Split('"')[0];
        return await PostAsync(
            client,
            JsonSerializer.Serialize(
                new
                {
                    jsonrpc = "2.0",
                    id = 2,
                    method = "tools/call",
                    @params = new { name, arguments = new { text } },
                }
            ),
            session
        );
    }

    private static async Task<string> PostAsync(HttpClient client, string body, string session)
    {
        using var answer = await SendAsync(client, body, session);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string body, string? session)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative)) { Content = content };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }

        return await client.SendAsync(request, Token);
    }
}
