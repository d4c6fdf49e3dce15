using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A run that nobody watched fails, and its owner is told.</summary>
public sealed class BellJourneyTests(Chrome chrome)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280, ColorScheme.Light, Traits = new[] { "Category", "Soak" })]
    [InlineData(375, ColorScheme.Dark)]
    public async Task WebhookRun_ThatFails_RingsItsOwnersBell_WhichLeadsToIt_AndNobodyElses(int width, ColorScheme theme)
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        world.Model.Script = _ => FakeAnswer.Error(401, "Incorrect API key provided.");
        var ann = await world.Portal.AddPersonAsync(Role.Architect, name: "Ann Author");
        using var client = world.Portal.CreateClient(ann);
        var api = new RunApi(client);
        var workflowId = await api.AddWorkflowAsync(world.ProfileId, ("facts", ["text"]));
        var hook = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflowId}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "trigger.payload.text" } } }
        );
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(ann);
        await using var bob = await world.SignInAsync(Role.Architect);
        await window.GoAsync("/prompts");
        await Assertions.Expect(window.Page.GetByTestId("bell-count")).ToHaveCountAsync(0);

        using (
            var answer = await client.PostAsJsonAsync(
                new Uri(world.Portal.BaseAddress, $"/hooks/{hook.Text("id")}"),
                new { text = "Notes of Monday." },
                Token
            )
        )
        {
            answer.EnsureSuccessStatusCode();
        }

        await Assertions.Expect(window.Page.GetByTestId("bell-count")).ToHaveTextAsync("1");
        await window.Page.GetByTestId("bell").GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("bell-item")).ToContainTextAsync("failed, started by a webhook");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync($"bell-{theme.ToString().ToLowerInvariant()}-{width}");
        await window.Page.GetByTestId("bell-item").ClickAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync(new Regex("/runs/[0-9a-f-]{36}$"));
        await Assertions.Expect(window.Page.GetByTestId("bell-count")).ToHaveCountAsync(0);

        await window.GoAsync("/notifications");
        await Assertions.Expect(window.Page.GetByTestId("notification")).ToContainTextAsync("Incorrect API key");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync($"notifications-told-{theme.ToString().ToLowerInvariant()}-{width}");
        await bob.GoAsync("/notifications");
        await Assertions.Expect(bob.Page.GetByText("No notifications yet")).ToBeVisibleAsync();
        window.AssertClean();
    }
}
