using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using PromptPilot.Core.Runs.Agents;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Agents;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>Limits on the sessions and first messages of agents.</summary>
[Collection(CallTests.Name)]
public sealed class McpSessionTests(CallWorld world)
{
    private const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_OfOnePerson_AreLimited_AndTheLongestUnusedEnds()
    {
        using var other = await world.AddKeyAsync(Permission.Read);
        using var client = await world.AddKeyAsync(Permission.Read);
        var others = await OpenAsync(other);
        var sessions = new List<string>();
        for (var i = 0; i < McpSessions.MostPerPerson; i++)
        {
            sessions.Add(await OpenAsync(client));
        }

        (await PingAsync(client, sessions[0])).Should().Be(HttpStatusCode.OK);
        await OpenAsync(client);

        (await PingAsync(client, sessions[1])).Should().Be(HttpStatusCode.NotFound, "it is the least recently used one");
        (await PingAsync(client, sessions[0])).Should().Be(HttpStatusCode.OK);
        (await PingAsync(client, sessions[^1])).Should().Be(HttpStatusCode.OK);
        (await PingAsync(other, others)).Should().Be(HttpStatusCode.OK, "it belongs to another person");
    }

    [Fact]
    public async Task FirstMessage_ThatWouldFillTheMemory_IsRefused_AndLaterOnesAreNot()
    {
        using var client = await world.AddKeyAsync(Permission.Read);
        using var large = await PostAsync(client, Initialize(new string('x', 100_000)), null);
        using var empty = await PostAsync(client, Initialize(new string('x', 100_000)), "");
        large.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        empty.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await large.Content.ReadAsStringAsync(Token)).Should().Contain("64 KB");
        var ping = Ping.Replace("\"ping\"", $"\"ping\",\"params\":{{\"x\":\"{new string('x', 500_000)}\"}}", StringComparison.Ordinal);
        (await PingAsync(client, await OpenAsync(client), ping)).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"protocolVersion":5,"capabilities":{},"clientInfo":{"name":"x","version":"1"}}""")]
    [InlineData("""{"protocolVersion":"\ud800","capabilities":{},"clientInfo":{"name":"x","version":"1"}}""")]
    [InlineData("""{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"\ud800","version":"1"}}""")]
    public async Task FirstMessage_ThatDoesNotFit_Is400_AndNotInTheLog(string parameters)
    {
        using var client = await world.AddKeyAsync(Permission.Read);
        using var answer = await PostAsync(client, $$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{parameters}}}""", null);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Headers.Contains(McpHost.SessionHeader).Should().BeFalse();
        world.Portal.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Argument_SentByItsPropertyAndByItsName_HasThePropertysValue()
    {
        var tool = new AgentTool("w", "t", "T", "", default, new Dictionary<string, string> { ["input_1"] = "größe" });
        var values = new Dictionary<string, JsonElement>
        {
            ["input_1"] = Value("a"),
            ["größe"] = Value("b"),
            ["z"] = Value("c"),
        };

        foreach (var order in new[] { values.ToList(), values.Reverse().ToList() })
        {
            var inputs = tool.InputsOf(order).ToDictionary(input => input.Key, input => input.Value.GetString());
            inputs.Should().BeEquivalentTo(new Dictionary<string, string?> { ["größe"] = "a", ["z"] = "c" });
        }
    }

    [Fact]
    public async Task Bug_InACall_IsLogged()
    {
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new QueueLoggerProvider(lines)));
        var call = McpHost.Logged<CallToolRequestParams, CallToolResult>(
            "tools/call",
            (_, _) => throw new InvalidOperationException("A bug."),
            logs.CreateLogger("x")
        );

        await FluentActions.Awaiting(async () => await call(null!, Token)).Should().ThrowAsync<InvalidOperationException>();
        lines.Should().ContainSingle().Which.Should().Contain("tools/call").And.Contain("A bug.");
    }

    private static JsonElement Value(string text) => JsonSerializer.SerializeToElement(text);

    private static string Initialize(string client) =>
        new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "initialize",
            ["params"] = new JsonObject
            {
                ["protocolVersion"] = "2025-06-18",
                ["capabilities"] = new JsonObject(),
                ["clientInfo"] = new JsonObject { ["name"] = client, ["version"] = "1" },
            },
        }.ToJsonString();

    private static async Task<string> OpenAsync(HttpClient client)
    {
        using var answer = await PostAsync(client, Initialize("t"), null);
        return answer.Headers.GetValues(McpHost.SessionHeader).Single();
    }

    private static async Task<HttpStatusCode> PingAsync(HttpClient client, string session, string message = Ping)
    {
        using var answer = await PostAsync(client, message, session);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (session is not null)
        {
            request.Headers.Add(McpHost.SessionHeader, session);
        }

        return await client.SendAsync(request, Token);
    }
}
