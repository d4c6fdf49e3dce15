using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>
/// A published workflow of two steps, facts and digest, whose draft names the day that every case asks for; its inputs are a text, an
/// optional number and an optional choice.
/// </summary>
internal sealed class WorkflowWorld
{
    private WorkflowWorld(RunApi api) => Api = api;

    public RunApi Api { get; }

    public string ProfileId { get; private set; } = "";

    public string WorkflowId { get; private set; } = "";

    public static async Task<WorkflowWorld> CreateAsync(RunApi api, FakeModelServer model, object? limits = null)
    {
        model.Script = Script;
        var world = new WorkflowWorld(api);
        var unique = Guid.NewGuid().ToString("N")[..8];
        world.ProfileId = await api.AddProfileAsync(model.Endpoint, $"Fake {unique}", limits);
        var facts = await world.AddPromptAsync($"Facts {unique}", "Facts of: {{ notes }}");
        var digest = await world.AddPromptAsync($"Digest {unique}", "Sum up: {{ facts }}");
        var workflow = await api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Digests {unique}",
                inputs = new object[]
                {
                    new
                    {
                        name = "meeting_notes",
                        type = "text",
                        required = true,
                    },
                    new
                    {
                        name = "words",
                        type = "number",
                        required = false,
                    },
                    new
                    {
                        name = "tone",
                        type = "choice",
                        required = false,
                        choices = new[] { "short", "long" },
                    },
                },
                steps = new[]
                {
                    Step(facts, world.ProfileId, "facts", "notes", "meeting_notes"),
                    Step(digest, world.ProfileId, "digest", "facts", "facts"),
                },
            }
        );
        world.WorkflowId = workflow.Text("id");
        await api.SendAsync(HttpMethod.Post, $"workflows/{world.WorkflowId}/publish", null);
        return world;
    }

    /// <summary>Only the draft asks for the day.</summary>
    public static FakeAnswer Script(FakeCall call) =>
        FakeAnswer.Of(
            call.Prompt.StartsWith("Facts", StringComparison.Ordinal) ? $"Facts: {call.Prompt[10..]}"
            : call.Prompt.Contains("with the day", StringComparison.Ordinal) ? "They meet on Friday."
            : "They meet."
        );

    /// <summary>Changes the draft; its last step uses a prompt that asks for the day.</summary>
    /// <param name="change">Changes what is sent.</param>
    public async Task EditAsync(Action<JsonNode>? change = null, RunApi? by = null)
    {
        var day = await AddPromptAsync($"Day {Guid.NewGuid():N}", "Sum up with the day: {{ facts }}");
        var workflow = await Api.FindWorkflowAsync(WorkflowId);
        workflow["steps"]![1]!["promptId"] = day;
        change?.Invoke(workflow);
        await (by ?? Api).SendAsync(
            HttpMethod.Put,
            $"workflows/{WorkflowId}",
            new
            {
                name = (string)workflow["name"]!,
                inputs = workflow["inputs"],
                steps = workflow["steps"],
                limits = workflow["limits"],
            }
        );
    }

    /// <summary>A set whose outputs must name the day.</summary>
    public async Task<string> AddSetAsync(int cases)
    {
        var set = await Api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                workflowId = WorkflowId,
                name = $"Core {Guid.NewGuid():N}",
                checks = new[] { new { kind = "contains", value = "Friday" } },
            }
        );
        for (var i = 1; i <= cases; i++)
        {
            await Api.SendAsync(
                HttpMethod.Post,
                $"test-sets/{set.Text("id")}/cases",
                new { inputs = new { meeting_notes = $"Notes {i}." } }
            );
        }

        return set.Text("id");
    }

    /// <summary>The published version against the draft.</summary>
    public static object Request(string setId) =>
        new { testSetId = setId, variants = new[] { new { version = "1" }, new { version = "draft" } } };

    public Task<JsonElement> StartBatchAsync(string csv, object? columns = null) =>
        Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{WorkflowId}/batches",
            new
            {
                name = "Rows",
                csv,
                columns,
            }
        );

    public async Task<JsonElement> EndOfAsync(string experimentId)
    {
        JsonElement view = default;
        await Eventually.HoldsAsync(
            async () => (view = await Api.SendAsync(HttpMethod.Get, $"experiments/{experimentId}", null)).Text("status") != "running",
            "the experiment to end"
        );
        return view;
    }

    public async Task<JsonElement> RowsAsync(string experimentId) =>
        (await Api.SendAsync(HttpMethod.Get, $"experiments/{experimentId}/rows", null)).GetProperty("items");

    private async Task<string> AddPromptAsync(string name, string content) =>
        (await Api.SendAsync(HttpMethod.Post, "prompts", new { name, content })).Text("id");

    private static object Step(string promptId, string model, string outputKey, string variable, string expression) =>
        new
        {
            promptId,
            model,
            outputKey,
            inputMapping = new Dictionary<string, string> { [variable] = expression },
        };
}
