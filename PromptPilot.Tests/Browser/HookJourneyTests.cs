using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A hook from making it to sending a failed delivery again, as somebody does it.</summary>
public sealed class HookJourneyTests(Chrome chrome)
{
    [Fact]
    public async Task SlackHook_IsMade_Tested_SeenToFail_AndSentAgain()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        await using var slack = await HookReceiver.StartAsync();
        await using var window = await world.SignInAsync(Role.Architect);
        var page = window.Page;

        // Made: a wrong address is told at its field, and what was typed stays.
        await window.GoAsync("/integrations");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create a hook" }).ClickAsync();
        await page.GetByTestId("kind-slack").CheckAsync();
        await page.GetByTestId("workflow").SelectOptionAsync(world.WorkflowId);
        await page.GetByTestId("outputs-chosen").CheckAsync();
        await page.GetByLabel("digest").CheckAsync();
        await page.GetByTestId("name").FillAsync("Team channel");
        await page.GetByTestId("target-url").FillAsync("https://10.0.0.1/services/T1/B1/secret");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("This is a private address.")).ToBeVisibleAsync();
        await page.GetByTestId("target-url").FillAsync($"{slack.Address}/services/T1/B1/secret");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/integrations/[0-9a-f-]{36}"));
        await Assertions.Expect(page.GetByTestId("deliveries-empty")).ToBeVisibleAsync();
        (await page.ContentAsync()).Should().NotContain("T1/B1", "the address of a Slack hook is a secret");

        // Tested.
        await page.GetByTestId("test").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-result")).ToContainTextAsync("Delivered");
        slack.Messages[^1].Path.Should().Be("/services/T1/B1/secret");
        slack.Messages[^1].Body.Should().Contain("This is a test");

        // A result that Slack refuses: seen live, with the reason.
        slack.Answer = _ => new ReceiverAnswer(404, "no_service");
        var run = (await world.Api.RunAsync(world.WorkflowId, "Notes of Monday.")).Text("id");
        var failed = page.GetByTestId("delivery").Filter(new() { HasText = "Failed" });
        await Assertions.Expect(failed).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await failed.GetByTestId("inspect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("opened")).ToContainTextAsync("no_service");
        await window.ScreenshotAsync("hook-failed");

        // The run's page says so too, and sends it again: seen live.
        var hook = page.Url;
        await window.GoAsync($"/runs/{run}");
        await page.GetByTestId("tab-deliveries").Filter(new() { HasText = "1 failed" }).ClickAsync();
        var sent = page.GetByTestId("run-delivery");
        await Assertions.Expect(sent).ToContainTextAsync("Team channel");
        await Assertions.Expect(sent).ToContainTextAsync("404");
        await window.ScreenshotAsync("run-delivery-failed");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        slack.Answer = _ => new ReceiverAnswer();
        await sent.GetByTestId("resend").ClickAsync();
        await Assertions.Expect(sent).ToContainTextAsync("Delivered", new() { Timeout = 60_000 });

        await window.GoAsync(new Uri(hook).AbsolutePath);
        await page.GetByTestId("delivery").Filter(new() { HasText = "Run succeeded" }).GetByTestId("inspect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("attempt")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Assertions.Expect(page.GetByTestId("delivery").Filter(new() { HasText = "Run succeeded" })).ToContainTextAsync("Delivered");
        slack.Messages[^1].Body.Should().Contain("digest").And.NotContain("*facts*");
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Hook_ForAViewer_IsReadable_ButHasNoButtons()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        var made = await world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{world.WorkflowId}/integration-hooks",
            new { type = "webhook", targetUrl = "https://example.org/in" }
        );
        await using var window = await world.SignInAsync(Role.Viewer);

        await window.GoAsync($"/integrations/{made.GetProperty("id").GetString()}");

        await Assertions.Expect(window.Page.GetByTestId("deliveries-empty")).ToBeVisibleAsync();
        foreach (var button in new[] { "save", "delete", "switch", "test", "auth-token", "resend" })
        {
            await Assertions.Expect(window.Page.GetByTestId(button)).ToHaveCountAsync(0);
        }

        window.AssertClean();
    }
}
