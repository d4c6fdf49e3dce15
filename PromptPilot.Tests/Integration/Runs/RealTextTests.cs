using System.Text.Json.Nodes;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Real texts through the sample summary workflow, as a newcomer would run it.</summary>
public sealed class RealTextTests
{
    private static readonly PortalOptions WithSamples = new()
    {
        Settings = new Dictionary<string, string?>
        {
            ["PromptPilot:Setup:SampleWorkspace"] = "true",
            ["PromptPilot:Offline:WordDelayMilliseconds"] = "0",
        },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gpl-3.txt", Traits = ["Category", "Soak"])]
    [InlineData("declaration-1789.fr.txt", Traits = ["Category", "Soak"])]
    [InlineData("xz.1.txt")]
    public async Task RealText_OnTheOfflineModel_IsSummarizedInItsOwnWords(string file)
    {
        await using var portal = await PortalHost.StartAsync(WithSamples);
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var text = await ReadAsync(file);

        var run = await api.RunAsync(await SummaryAsync(api), text);

        run.Text("status").Should().Be("succeeded");
        var outputs = run.GetProperty("outputs");
        outputs.Text("summary").Length.Should().BeInRange(50, text.Length / 2);
        outputs.Text("in_short").Length.Should().BeLessThan(outputs.Text("summary").Length);
        Words(outputs.Text("summary")).Except(Words(text)).Should().BeEmpty("the offline model extracts: it adds no words");
    }

    [Theory]
    [InlineData("gpl-3.txt", Traits = ["Category", "Soak"])]
    [InlineData("declaration-1789.fr.txt", Traits = ["Category", "Soak"])]
    [InlineData("xz.1.txt")]
    public async Task RealText_ThroughAnOpenAiCompatibleServer_ArrivesVerbatim(string file)
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync(WithSamples);
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var workflow = await SummaryAsync(api);
        await UseProfileAsync(api, workflow, await api.AddProfileAsync(model.Endpoint));
        var text = await ReadAsync(file);

        var run = await api.RunAsync(workflow, text);

        run.Text("status").Should().Be("succeeded");
        run.GetProperty("outputs").Text("in_short").Should().Be("The team met and agreed on three clear steps.");
        model.Calls.Should().HaveCount(3);
        model.Calls[0].Prompt.Should().Contain(text.Trim());
        run.GetProperty("inputs").Text("text").Should().Be(text);
    }

    private static async Task<string> SummaryAsync(RunApi api)
    {
        var page = await api.SendAsync(HttpMethod.Get, "workflows", null);
        return page.GetProperty("items").EnumerateArray().Single(item => item.Text("name") == "Summarize a document").Text("id");
    }

    /// <summary>Moves all steps to another profile, by reading the workflow and putting it back, and publishes.</summary>
    private static async Task UseProfileAsync(RunApi api, string workflow, string profile)
    {
        var draft = JsonNode.Parse((await api.SendAsync(HttpMethod.Get, $"workflows/{workflow}", null)).GetRawText())!.AsObject();
        foreach (var step in draft["steps"]!.AsArray())
        {
            step!["model"] = profile;
        }

        var body = new JsonObject();
        foreach (var name in new[] { "name", "tags", "inputs", "steps" })
        {
            body[name] = draft[name]!.DeepClone();
        }

        await api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", body);
        await api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
    }

    private static Task<string> ReadAsync(string file) =>
        File.ReadAllTextAsync(RepositoryRoot.File("PromptPilot.Tests", "Support", "Texts", file), Cancellation);

    private static HashSet<string> Words(string text) =>
        [.. text.Split(text.Where(c => !char.IsLetter(c)).Distinct().ToArray(), StringSplitOptions.RemoveEmptyEntries)];
}
