using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>A prompt whose second version names the day that every case asks for, and test sets of it.</summary>
internal sealed class ExperimentWorld
{
    private ExperimentWorld(RunApi api) => Api = api;

    public RunApi Api { get; }

    public string ProfileId { get; private set; } = "";

    public string PromptId { get; private set; } = "";

    public static async Task<ExperimentWorld> CreateAsync(RunApi api, FakeModelServer model, object? limits = null)
    {
        model.Script = Script;
        var world = new ExperimentWorld(api);
        var unique = Guid.NewGuid().ToString("N")[..8];
        world.ProfileId = await api.AddProfileAsync(model.Endpoint, $"Fake {unique}", limits);
        var prompt = await api.SendAsync(HttpMethod.Post, "prompts", new { name = $"Digest {unique}", content = "Sum up: {{ notes }}" });
        world.PromptId = prompt.Text("id");
        await api.SendAsync(
            HttpMethod.Put,
            $"prompts/{world.PromptId}",
            new { name = $"Digest {unique}", content = "Sum up with the day: {{ notes }}" }
        );
        return world;
    }

    /// <summary>Only the second version is asked for the day.</summary>
    public static FakeAnswer Script(FakeCall call) =>
        FakeAnswer.Of(call.Prompt.Contains("with the day", StringComparison.Ordinal) ? "They meet on Friday." : "They meet.");

    /// <summary>A set whose outputs must name the day.</summary>
    public async Task<string> AddSetAsync(int cases)
    {
        var set = await Api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                promptId = PromptId,
                name = $"Core {Guid.NewGuid():N}",
                checks = new[] { new { kind = "contains", value = "Friday" } },
            }
        );
        for (var i = 1; i <= cases; i++)
        {
            await Api.SendAsync(HttpMethod.Post, $"test-sets/{set.Text("id")}/cases", new { inputs = new { notes = $"Notes {i}." } });
        }

        return set.Text("id");
    }

    /// <summary>The first version against the newest.</summary>
    public object Request(string setId) =>
        new
        {
            testSetId = setId,
            variants = new[]
            {
                new { version = "1.0.0", modelProfileId = ProfileId },
                new { version = "latest", modelProfileId = ProfileId },
            },
        };

    public async Task<JsonElement> EndOfAsync(string experimentId)
    {
        JsonElement view = default;
        await Eventually.HoldsAsync(
            async () => (view = await Api.SendAsync(HttpMethod.Get, $"experiments/{experimentId}", null)).Text("status") != "running",
            "the experiment to end"
        );
        return view;
    }
}
