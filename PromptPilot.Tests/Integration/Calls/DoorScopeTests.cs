using System.Text;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Agents;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>What a key of each scope gets at each address for applications and agents.</summary>
[Collection(CallTests.Name)]
public sealed class DoorScopeTests : IAsyncDisposable
{
    private readonly CallWorld _world;

    public DoorScopeTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(
        Permission.Read,
        Role.Admin,
        "models 403 none, chat 403, render 200, complete 403, report 403, import 403, "
            + "tools 200 none, tool 200 refused, prompts 200 listed"
    )]
    [InlineData(
        Permission.Report,
        Role.Admin,
        "models 403 none, chat 403, render 200, complete 403, report 201, import 403, "
            + "tools 200 none, tool 200 refused, prompts 200 listed"
    )]
    [InlineData(
        Permission.Run,
        Role.Admin,
        "models 200 listed, chat 200, render 200, complete 200, report 201, import 403, "
            + "tools 200 listed, tool 200 done, prompts 200 listed"
    )]
    [InlineData(
        Permission.Write,
        Role.Admin,
        "models 200 listed, chat 200, render 200, complete 200, report 201, import 200, "
            + "tools 200 listed, tool 200 done, prompts 200 listed"
    )]
    [InlineData(
        Permission.Run,
        Role.Collaborator,
        "models 200 listed, chat 200, render 200, complete 200, report 201, import 403, "
            + "tools 200 listed, tool 200 done, prompts 200 listed"
    )]
    [InlineData(
        Permission.Read,
        Role.Viewer,
        "models 403 none, chat 403, render 200, complete 403, report 403, import 403, "
            + "tools 200 none, tool 200 refused, prompts 200 listed"
    )]
    public async Task Key_OfAScopeAndARole_GetsWhatBothAllow(Permission scope, Role role, string expected)
    {
        var name = $"Scoped {Guid.NewGuid():N}"[..20];
        var id = await _world.Api.AddWorkflowAsync(_world.ProfileId, ("one", ["text"]));
        var workflow = await _world.Api.FindWorkflowAsync(id);
        await _world.Api.SendAsync(
            HttpMethod.Put,
            $"workflows/{id}",
            new System.Text.Json.Nodes.JsonObject
            {
                ["name"] = name,
                ["inputs"] = workflow["inputs"]!.DeepClone(),
                ["steps"] = workflow["steps"]!.DeepClone(),
            }
        );
        using var client = await _world.AddKeyAsync(scope, role, _world.ProfileId);
        var tool = name.ToLowerInvariant().Replace(' ', '_');
        (string What, HttpMethod Method, string Path, string? Body)[] doors =
        [
            ("models", HttpMethod.Get, "/v1/models", null),
            (
                "chat",
                HttpMethod.Post,
                "/v1/chat/completions",
                $$"""{"model":"workflow/{{name}}","messages":[{"role":"user","content":"x"}]}"""
            ),
            ("render", HttpMethod.Post, $"/api/v1/{CallWorld.Address}/render", """{"variables":{"ticket":"x"}}"""),
            ("complete", HttpMethod.Post, $"/api/v1/{CallWorld.Address}/complete", """{"variables":{"ticket":"x"}}"""),
            (
                "report",
                HttpMethod.Post,
                "/api/v1/execution-logs",
                $$"""{"promptVersionId":"{{_world.VersionId}}","model":"m","input":{"ticket":"x"},"output":"y","durationMs":5}"""
            ),
            ("import", HttpMethod.Post, "/api/v1/import?preview=true", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"),
            ("tools", HttpMethod.Post, "/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""),
            (
                "tool",
                HttpMethod.Post,
                "/mcp",
                $$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{tool}}","arguments":{"text":"x"} } }"""
            ),
            ("prompts", HttpMethod.Post, "/mcp", """{"jsonrpc":"2.0","id":1,"method":"prompts/list"}"""),
        ];
        var session = await OpenAsync(client);
        var got = new List<string>();
        foreach (var (what, method, path, body) in doors)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            request.Headers.Accept.ParseAdd("application/json");
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (path == "/mcp")
            {
                request.Headers.Add(McpHost.SessionHeader, session);
            }

            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await client.SendAsync(request, Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            got.Add($"{what} {(int)answer.StatusCode}{Said(what, text, tool)}");
        }

        string.Join(", ", got).Should().Be(expected);
    }

    private static async Task<string> OpenAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative));
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Content = new StringContent(
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize",
             "params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            """,
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await client.SendAsync(request, Token);
        return answer.Headers.GetValues(McpHost.SessionHeader).Single();
    }

    /// <summary>What an answer with 200 says.</summary>
    private static string Said(string what, string text, string tool) =>
        what switch
        {
            "tools" => text.Contains(tool, StringComparison.Ordinal) ? " listed" : " none",
            "prompts" => text.Contains("\"prompts\":[{", StringComparison.Ordinal) ? " listed" : " none",
            "tool" => text.Contains("\"isError\":true", StringComparison.Ordinal) || text.Contains("\"error\"", StringComparison.Ordinal)
                ? " refused"
                : " done",
            "models" => text.Contains("\"id\"", StringComparison.Ordinal) ? " listed" : " none",
            _ => "",
        };
}
