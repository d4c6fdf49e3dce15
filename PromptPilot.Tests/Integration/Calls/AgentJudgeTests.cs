using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Calls;

/// <summary>The portal's MCP server, judged by the tools of the protocol's own authors.</summary>
[Collection(CallTests.Name)]
public sealed class AgentJudgeTests : IAsyncDisposable
{
    /// <summary>Of the scenarios that pass, those about what the portal offers. The others are in mcp-conformance.yaml.</summary>
    private static readonly string[] Named =
    [
        "server-initialize",
        "ping",
        "tools-list",
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "server-sse-multiple-streams",
        "prompts-list",
        "prompts-get-simple",
        "prompts-get-with-args",
    ];

    private readonly CallWorld _world;

    public AgentJudgeTests(CallWorld world) => (_world, world.Model.Script) = (world, null);

    public ValueTask DisposeAsync()
    {
        _world.Model.Script = null;
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ConformanceSuite_PassesTheNamedScenarios_AndFailsOnlyTheListedOnes()
    {
        _world.Model.Script = _ => FakeAnswer.Of("Done.") with { FirstTokenDelay = TimeSpan.FromMilliseconds(50) };
        await AddToolAsync("test_simple_text", ("one", ["text"]));
        await AddToolAsync("test_tool_with_progress", ("one", ["text"]), ("two", ["one"]), ("three", ["two"]));
        await AddPromptAsync("test_simple_prompt", "This is a simple prompt for testing.");
        await AddPromptAsync("test_prompt_with_arguments", "Prompt with arguments: arg1='{{ arg1 }}', arg2='{{ arg2 }}'");

        var facts = await RunAsync("conformance");

        var summary = Of(facts, "summary").GetString();
        Of(facts, "code").GetInt32().Should().Be(0, summary);
        Of(facts, "passed").EnumerateArray().Select(name => name.GetString()).Should().Contain(Named, summary);
    }

    /// <summary>Installed with <c>npm ci</c> without <c>--omit=dev</c>: the inspector brings a hundred packages.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Inspector_ListsAndCalls()
    {
        _world.Model.Script = call => FakeAnswer.Of($"You said: {call.Prompt}");
        await AddToolAsync("Inspected", ("one", ["text"]));

        var facts = await RunAsync(
            "inspector",
            ["--method", "tools/list"],
            ["--method", "tools/call", "--tool-name", "inspected", "--tool-arg", "text=Hello"],
            ["--method", "prompts/list"],
            ["--method", "prompts/get", "--prompt-name", CallWorld.PromptName, "--prompt-args", "ticket=It broke"]
        );

        facts.Should().OnlyContain(fact => fact.GetProperty("code").GetInt32() == 0, string.Join('\n', facts));
        var texts = facts.Select(fact => JsonDocument.Parse(fact.Text("text")).RootElement).ToList();
        texts[0].GetProperty("tools").EnumerateArray().Select(tool => tool.Text("name")).Should().Contain(["inspected", "get_run"]);
        texts[1].GetProperty("structuredContent").GetProperty("outputs").Text("one").Should().Be("You said: one: Hello");
        texts[2].GetProperty("prompts").EnumerateArray().Select(prompt => prompt.Text("name")).Should().Contain(CallWorld.PromptName);
        texts[3].GetProperty("messages")[1].GetProperty("content").Text("text").Should().Be("Sort It broke");
    }

    private static JsonElement Of(IEnumerable<JsonElement> facts, string what) =>
        facts.Single(fact => fact.Text("what") == what).GetProperty("result");

    private async Task<IReadOnlyList<JsonElement>> RunAsync(string judge, params string[][] calls)
    {
        var person = await _world.Portal.AddPersonAsync(Role.Collaborator);
        var url = $"{_world.Portal.BaseAddress}mcp";
        return await NodeClient.RunAsync(
            "mcp-judges.mjs",
            new
            {
                judge,
                url,
                key = person.ApiKey,
                calls,
            }
        );
    }

    /// <summary>A workflow that needs no input.</summary>
    private async Task AddToolAsync(string name, params (string Key, string[] Reads)[] steps)
    {
        var id = await _world.Api.AddWorkflowAsync(_world.ProfileId, steps);
        var workflow = await _world.Api.FindWorkflowAsync(id);
        var input = workflow["inputs"]![0]!.DeepClone();
        input["default"] = "nothing";
        await _world.Api.SendAsync(
            HttpMethod.Put,
            $"workflows/{id}",
            new JsonObject
            {
                ["name"] = name,
                ["inputs"] = new JsonArray(input),
                ["steps"] = workflow["steps"]!.DeepClone(),
            }
        );
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
    }

    private Task AddPromptAsync(string name, string content) => _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name, content });
}
