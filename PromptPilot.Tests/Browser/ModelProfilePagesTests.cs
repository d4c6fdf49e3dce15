using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Tests.Integration.Models.Replayed;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

public class ModelProfilePagesTests(Chrome chrome)
{
    [Fact]
    public async Task Admin_CreatesTestsCorrectsAndDeletesAProfile()
    {
        await using var server = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;

        await window.GoAsync("/admin/model-profiles/new");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("OpenAI needs an API key.")).ToBeVisibleAsync();

        await page.GetByTestId("provider-openai-compatible").CheckAsync();
        await page.GetByTestId("name").FillAsync("Team server");
        await page.GetByTestId("model").FillAsync("fake-1");
        await page.GetByTestId("endpoint").FillAsync(server.Endpoint);
        await page.GetByTestId("api-key").FillAsync("sk-canary-42");
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-answer")).ToHaveTextAsync("The team met and agreed on three clear steps.");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("key-state")).ToContainTextAsync("Stored");
        await Assertions.Expect(page.GetByTestId("api-key")).ToHaveValueAsync("");

        server.Default = FakeAnswer.Error(404, "No such model.", "model_not_found");
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-fault")).ToContainTextAsync("No such model.");
        (await page.ContentAsync()).Should().NotContain("canary");

        await page.GetByTestId("endpoint").FillAsync(server.Endpoint + "/other");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("Enter the key again")).ToBeVisibleAsync();
        await page.GetByTestId("endpoint").FillAsync(server.Endpoint);
        await page.GetByTestId("save").ClickAsync();

        await page.GetByTestId("delete").ClickAsync();
        await page.GetByTestId("confirm-yes").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/admin/model-profiles$"));
        await Assertions.Expect(page.GetByText("Team server")).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Admin_ComparesAModelWithItsReplacement_ThenMovesAllSteps()
    {
        await using var server = await FakeModelServer.StartAsync();
        await using var other = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateAdminClient();
        var api = new RunApi(client);
        var (old, replacement) = (await api.AddProfileAsync(server.Endpoint, "Old"), await api.AddProfileAsync(other.Endpoint, "New"));
        var workflow = await api.AddWorkflowAsync(old, ("reply", ["text"]));
        foreach (var text in new[] { "first", "second", "second" })
        {
            await api.RunAsync(workflow, text);
        }

        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;
        await window.GoAsync($"/admin/model-profiles/{old}/replace");
        await page.GetByTestId("replace-with").SelectOptionAsync(replacement);
        await page.GetByTestId("compare-first").DblClickAsync();
        var compared = page.GetByTestId("comparisons");
        await Assertions.Expect(compared).ToContainTextAsync("2 inputs", new() { Timeout = 60_000 });
        await window.ScreenshotAsync("replace-compared");
        await Assertions.Expect(page.GetByTestId("compare-first")).ToBeDisabledAsync();
        var experiment = (await compared.GetByRole(AriaRole.Link).GetAttributeAsync("href"))!;
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, experiment, null)).Text("status") == "finished",
            "the comparison to end"
        );
        server.Calls.Should().HaveCount(5, "three runs, and each different input once more");
        other.Calls.Select(call => call.Prompt).Should().BeEquivalentTo("reply: first", "reply: second");

        await page.GetByTestId("replace").ClickAsync();
        await page.GetByTestId("confirm-yes").ClickAsync();
        await Assertions.Expect(page.GetByTestId("moved")).ToContainTextAsync("Moved 1 step in 1 workflow");
        await page.GetByTestId("publish-moved").ClickAsync();
        await Assertions.Expect(page.GetByTestId("publish-moved")).ToHaveCountAsync(0);
        await api.RunAsync(workflow, "third");
        other.Calls[^1].Prompt.Should().Be("reply: third");
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Admin_ConnectsAnthropic_ListsItsModels_TriesAKey_AndRunsAPromptWithIt()
    {
        await using var server = await TranscriptServer.StartAsync();
        server.Script = call =>
            call.Headers.GetValueOrDefault("x-api-key") != "sk-ant-canary-right"
                ? AnthropicTranscripts.Error(401, "authentication_error", "invalid x-api-key")
            : call.Method == "GET" ? AnthropicTranscripts.Models
            : AnthropicTranscripts.Answer();
        await using var portal = await PortalHost.StartAsync();
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;

        await window.GoAsync("/admin/model-profiles/new");
        await page.GetByTestId("provider-anthropic").CheckAsync();
        await page.GetByTestId("name").FillAsync("Claude");
        await page.GetByTestId("endpoint").FillAsync(server.Address);
        await page.GetByTestId("api-key").FillAsync("sk-ant-canary-wrong");
        await page.GetByTestId("list-models").ClickAsync();
        await Assertions.Expect(page.GetByText("Could not list the models.").First).ToContainTextAsync("It says: invalid x-api-key");

        await page.GetByTestId("api-key").FillAsync("sk-ant-canary-right");
        await page.GetByTestId("list-models").ClickAsync();
        await page.GetByTestId("offered-models").SelectOptionAsync("claude-opus-4-6");
        await Assertions.Expect(page.GetByTestId("model")).ToHaveValueAsync("claude-opus-4-6");
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-answer")).ToHaveTextAsync("Hello!");
        await Assertions.Expect(page.GetByTestId("test-figures")).ToContainTextAsync("first token after");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("key-state")).ToContainTextAsync("Stored");

        using var client = portal.CreateAdminClient();
        var prompt = await new RunApi(client).SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Greeting",
                content = "Say hello.",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );
        await window.GoAsync($"/prompts/{prompt.Text("id")}?tab=playground");
        await page.GetByTestId("playground-run").ClickAsync();
        await Assertions.Expect(page.GetByTestId("lane-answer")).ToContainTextAsync("Hello!");
        server.Last.Body.GetProperty("model").GetString().Should().Be("claude-opus-4-6");

        await window.GoAsync("/admin/model-profiles?text=nothing-like-it");
        await page.GetByTestId("clear-search").ClickAsync();
        await Assertions.Expect(page.GetByTestId("profile")).ToContainTextAsync(["Claude"]);
        (await page.ContentAsync()).Should().NotContain("canary");
        portal.Log.Should().NotContain(line => line.Contains("canary", StringComparison.Ordinal));
    }
}
