using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>An admin changes settings, is told what is wrong, and sees them count.</summary>
public sealed class SettingsJourneyTests(Chrome chrome)
{
    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(375, ColorScheme.Dark, Traits = new[] { "Category", "Soak" })]
    public async Task Settings_AreRefusedAtTheField_ThenCountAtOnce(int width, ColorScheme theme)
    {
        await using var world = await BrowserWorld.CreateAsync(chrome);
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var page = window.Page;
        await window.GoAsync("/admin/settings");

        var mail = page.GetByTestId("settings-mail");
        await mail.GetByTestId("test-mail").ClickAsync();
        await Assertions.Expect(page.GetByTestId("test-mail-result")).ToContainTextAsync("No mail server is configured");

        await mail.GetByLabel("Mail server", new() { Exact = true }).FillAsync("mail.example.org");
        await mail.GetByLabel("Port", new() { Exact = true }).FillAsync("99999");
        await mail.GetByTestId("save").ClickAsync();
        await Assertions.Expect(mail.GetByTestId("Smtp-Port")).ToContainTextAsync("Port must be a number from 1 to 65,535.");
        await Assertions.Expect(mail.GetByTestId("Smtp-From").GetByText("From must be the e-mail address")).ToBeVisibleAsync();
        await Assertions.Expect(mail.GetByLabel("Mail server", new() { Exact = true })).ToHaveValueAsync("mail.example.org");
        await window.ScreenshotAsync($"settings-refused-{theme.ToString().ToLowerInvariant()}-{width}");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .BeLessThanOrEqualTo(0);
        await mail.GetByLabel("Port", new() { Exact = true }).FillAsync("2525");
        await mail.GetByRole(AriaRole.Textbox, new() { Name = "From", Exact = true }).FillAsync("portal@example.org");
        await mail.GetByTestId("save").ClickAsync();
        await Assertions.Expect(mail.GetByText("Saved ✓")).ToBeVisibleAsync();
        await Assertions.Expect(mail.GetByTestId("Smtp-Port")).ToContainTextAsync("Set here by admin");

        var portal = page.GetByTestId("settings-portal");
        await portal.GetByLabel("Portal name", new() { Exact = true }).FillAsync("Prompts of Acme");
        await portal.GetByLabel("Portal name", new() { Exact = true }).PressAsync("Control+Enter");
        await Assertions.Expect(page.Locator(".brand")).ToHaveTextAsync("Prompts of Acme");

        await window.GoAsync("/admin/settings");
        await Assertions.Expect(mail.GetByLabel("Port", new() { Exact = true })).ToHaveValueAsync("2525");
        await Assertions.Expect(page).ToHaveTitleAsync("Settings · Prompts of Acme");
        await mail.GetByTestId("Smtp-Port").GetByTestId("take-back").ClickAsync();
        await Assertions.Expect(mail.GetByTestId("Smtp-Port")).ToContainTextAsync("Saving resets this");
        await mail.GetByTestId("save").ClickAsync();
        await Assertions.Expect(mail.GetByText("Saved ✓")).ToBeVisibleAsync();
        await Assertions.Expect(mail.GetByLabel("Port", new() { Exact = true })).ToHaveValueAsync("");
        await window.ScreenshotAsync($"settings-saved-{theme.ToString().ToLowerInvariant()}-{width}");
        window.AssertClean();
    }
}
