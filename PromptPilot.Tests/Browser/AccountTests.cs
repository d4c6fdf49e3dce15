using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Tests.InBrowser;

/// <summary>From the first start to a signed-in person.</summary>
public sealed partial class AccountTests(Chrome chrome)
{
    [Fact]
    public async Task Setup_ByTheLinkInTheLog_MakesTheAdminOnce()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Unattended = false,
                Settings = new Dictionary<string, string?> { ["PromptPilot:Setup:SampleWorkspace"] = "true" },
            }
        );
        var link = await Eventually.GetAsync(
            () =>
                Task.FromResult(
                    portal.Log.Select(line => SetupLink().Match(line)).FirstOrDefault(match => match.Success)?.Groups["path"].Value
                ),
            "the set-up link in the log"
        );
        await using var window = await chrome.OpenAsync(portal.BaseAddress);

        await window.GotoAsync(link);
        await window.Page.GetByTestId("name").FillAsync("Ada Admin");
        await window.Page.GetByTestId("email").FillAsync("ada@example.org");
        await window.Page.GetByTestId("password").FillAsync("a fine long password 42");
        await window.Page.GetByTestId("create-admin").ClickAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync(portal.BaseAddress.ToString());
        await window.WaitForInteractivityAsync();

        await Assertions.Expect(window.Page.GetByTestId("user-menu")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByTestId("connect-model")).ToBeVisibleAsync();
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("home-first-minute");
        await window.Page.GetByTestId("first-run").ClickAsync();
        await Assertions
            .Expect(window.Page.GetByTestId("run-status"))
            .ToHaveAttributeAsync("data-status", "succeeded", new() { Timeout = 30_000 });
        await using var second = await chrome.OpenAsync(portal.BaseAddress);
        await second.GotoAsync(link);
        await Assertions.Expect(second.Page.GetByTestId("create-admin")).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task SignIn_WithAWrongPassword_SaysSoAndLetsNobodyIn()
    {
        await using var portal = await PortalHost.StartAsync();
        var ann = await portal.AddPersonAsync(Role.Viewer);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);

        await window.GotoAsync("/account/sign-in");
        await window.Page.GetByTestId("email").FillAsync(ann.Email);
        await window.Page.GetByTestId("password").FillAsync("not the password");
        await window.Page.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("notice")).ToBeVisibleAsync();
        await window.GotoAsync("/");
        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync();

        await window.SignInOnPageAsync(ann);
        await window.GoAsync("/");
        await Assertions.Expect(window.Page.GetByTestId("user-menu")).ToBeVisibleAsync();
        window.AssertClean();
    }

    [Fact]
    public async Task Menu_OpensByMouseAndByKey_ChangesTheTheme_AndSignsOut()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(await portal.AddPersonAsync(Role.Viewer));
        await window.GoAsync("/");
        var before = await BackgroundAsync(window.Page);

        await window.Page.GetByTestId("user-menu").GetByRole(AriaRole.Button).ClickAsync();
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("user-menu");
        await window.Page.GetByTestId("theme-dark").ClickAsync();
        await Eventually.HoldsAsync(async () => await BackgroundAsync(window.Page) != before, "the page to be dark");

        var button = window.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("your account") });
        await Assertions.Expect(button).ToHaveAttributeAsync("aria-expanded", "false");
        await Assertions.Expect(window.Page.GetByTestId("theme-dark")).ToBeHiddenAsync();
        await button.PressAsync("Enter");
        await Assertions.Expect(button).ToHaveAttributeAsync("aria-expanded", "true");
        await window.Page.GetByTestId("sign-out").ClickAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync(new Regex("/account/sign-out$"));
        await window.Page.GetByTestId("confirm-sign-out").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Preferences_ApplyAtOnce_AndFollowToAnotherBrowser()
    {
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateAdminClient();
        var api = new RunApi(client);
        foreach (var name in new[] { "Alpha", "Beta" })
        {
            await api.SendAsync(
                HttpMethod.Post,
                "model-profiles",
                new
                {
                    name,
                    provider = "offline",
                    model = "extractive",
                }
            );
        }

        var prompt = (await api.SendAsync(HttpMethod.Post, "prompts", new { name = "Greeting", content = "Greet {{ name }}." })).Text("id");
        var ann = await portal.AddPersonAsync(Role.Architect);
        await using var office = await chrome.OpenAsync(portal.BaseAddress);
        await office.SignInAsync(ann);
        await office.GoAsync($"/prompts/{prompt}?tab=playground");
        await Assertions.Expect(PreselectedIn(office)).ToHaveTextAsync("Alpha");
        await office.GoAsync("/account");
        await office.Page.GetByTestId("account-theme").SelectOptionAsync("dark");
        await office.Page.GetByTestId("account-model").SelectOptionAsync(new SelectOptionValue { Label = "Beta" });
        await office.Page.GetByTestId("account-save").ClickAsync();

        await Assertions.Expect(office.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await using var home = await chrome.OpenAsync(portal.BaseAddress);
        await home.SignInOnPageAsync(ann);
        await Assertions.Expect(home.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await home.GoAsync($"/prompts/{prompt}?tab=playground");
        await Assertions.Expect(PreselectedIn(home)).ToHaveTextAsync("Beta");
        await home.GoAsync("/workflows/new");
        await home.Page.GetByTestId("palette-prompt").ClickAsync();
        await Assertions.Expect(home.Page.GetByTestId("step-card")).ToContainTextAsync("Beta");

        await home.Page.GetByTestId("user-menu").GetByRole(AriaRole.Button).ClickAsync();
        await home.Page.GetByTestId("theme-light").ClickAsync();
        await Assertions.Expect(home.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await office.GoAsync($"/prompts/{prompt}?tab=playground");
        await Assertions.Expect(office.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await Assertions.Expect(PreselectedIn(office)).ToHaveTextAsync("Beta");
        office.AssertClean();
        home.AssertClean();
    }

    private static ILocator PreselectedIn(BrowserWindow window) => window.Page.GetByTestId("lane-model").Locator("option:checked");

    private static Task<string> BackgroundAsync(IPage page) =>
        page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");

    [GeneratedRegex(@"https?://[^/\s]+(?<path>/setup\?code=\S+)")]
    private static partial Regex SetupLink();
}
