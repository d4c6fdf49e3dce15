using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A webhook from making it to replaying what it received, as somebody does it.</summary>
public sealed partial class WebhookJourneyTests(Chrome chrome)
{
    [Fact]
    public async Task Webhook_IsMade_Tried_Inspected_MappedAndReplayed()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        await using var window = await world.SignInAsync(Role.Architect);
        var page = window.Page;

        // Made: the secret is shown once, and the command beside it works as pasted.
        await window.GoAsync("/triggers/webhooks");
        await page.GetByTestId("webhook-workflow").SelectOptionAsync(world.WorkflowId);
        await page.GetByTestId("create-webhook").ClickAsync();
        await Assertions.Expect(page.GetByTestId("new-secret")).ToContainTextAsync("whsec_");
        await Assertions.Expect(page.GetByTestId("inbox-empty")).ToBeVisibleAsync();
        var command = await page.GetByLabel("Command").InnerTextAsync();
        await PasteAsync(command);

        // Received: the inbox shows it live, with its run; the expression is tried on it.
        var accepted = page.GetByTestId("receipt").Filter(new() { HasText = "Accepted" });
        await Assertions.Expect(accepted).ToHaveCountAsync(1);
        var says = page.GetByTestId("mapping").Locator(".field-help, .field-error");
        await Assertions.Expect(says).ToContainTextAsync("gives “an example of text”");

        // A forged one: refused, with the reason.
        await PasteAsync(Secret().Replace(command, "SECRET='whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo='"));
        var forged = page.GetByTestId("receipt").Filter(new() { HasText = "Forged" });
        await Assertions.Expect(forged).ToHaveCountAsync(1);
        await forged.GetByTestId("inspect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("opened")).ToContainTextAsync("The signature does not match");
        await Assertions.Expect(page.GetByTestId("opened")).ToContainTextAsync("[redacted]");
        await Assertions.Expect(page.GetByTestId("replay")).ToHaveCountAsync(0);
        await window.ScreenshotAsync("webhook-forged");

        // Mapped anew by picking, saved, replayed: the new run has the new input.
        await page.GetByTestId("expression").FillAsync("trigger.payload.txt");
        await Assertions.Expect(says).ToContainTextAsync("gives no value");
        await page.GetByTestId("pick").SelectOptionAsync("trigger.payload.text");
        await page.GetByTestId("expression").FillAsync("trigger.payload.text | upcase");
        await Assertions.Expect(says).ToContainTextAsync("AN EXAMPLE OF TEXT");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByText("Webhook saved")).ToBeVisibleAsync();
        await accepted.GetByTestId("inspect").ClickAsync();
        await page.GetByTestId("replay").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/runs/[0-9a-f-]{36}"));
        var run = await world.Api.EndOfAsync(page.Url.Split('/')[^1]);
        run.GetProperty("inputs").GetProperty("text").GetString().Should().Be("AN EXAMPLE OF TEXT");
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Webhook_ForAViewer_IsReadable_ButHasNoButtons()
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        var made = await world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{world.WorkflowId}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "trigger.payload" } } }
        );
        await using var window = await world.SignInAsync(Role.Viewer);

        await window.GoAsync($"/triggers/webhooks/{made.GetProperty("id").GetString()}");

        await Assertions.Expect(window.Page.GetByTestId("inbox")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator(".chip.bad").GetByText("Unsigned")).ToBeVisibleAsync();
        foreach (var button in new[] { "save", "delete", "rotate", "pick" })
        {
            await Assertions.Expect(window.Page.GetByTestId(button)).ToHaveCountAsync(0);
        }

        await Assertions.Expect(window.Page.GetByTestId("expression")).ToBeDisabledAsync();
    }

    private static async Task PasteAsync(string command)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("SECRET='[^']*'")]
    private static partial Regex Secret();
}
