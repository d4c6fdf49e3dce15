using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The first run of a portal that nginx shows under a path, which it strips.</summary>
[Trait("Category", "Soak")]
public sealed class PathJourneyTests(Chrome chrome)
{
    [Fact]
    public async Task FirstRun_BehindNginxUnderAPath_Works()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Setup:SampleWorkspace"] = "true" } }
        );
        await using var nginx = await Nginx.StartAsync(portal.BaseAddress, "/promptpilot", strips: true);
        await using var window = await chrome.OpenAsync(nginx.Address);
        var refused = new List<string>();
        window.Page.Response += (_, answer) =>
        {
            if (answer.Status >= 400)
            {
                refused.Add($"{answer.Status} {answer.Url}");
            }
        };

        await window.GoAsync(new Uri(nginx.Address, "workflows").AbsoluteUri);
        await window.Page.GetByTestId("email").FillAsync(PortalHost.AdminEmail);
        await window.Page.GetByTestId("password").FillAsync(PortalHost.AdminPassword);
        await window.Page.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync(new Uri(nginx.Address, "workflows").AbsoluteUri);
        await window.WaitForInteractivityAsync();
        await window.Page.GetByTestId("run").First.ClickAsync();
        await window.Page.GetByTestId("run-submit").ClickAsync();

        await Assertions
            .Expect(window.Page.GetByTestId("run-status"))
            .ToHaveAttributeAsync("data-status", "succeeded", new LocatorAssertionsToHaveAttributeOptions { Timeout = 30_000 });
        window.Page.Url.Should().StartWith(new Uri(nginx.Address, "runs/").AbsoluteUri);
        await window.Page.ReloadAsync();
        await window.WaitForInteractivityAsync();
        await Assertions.Expect(window.Page.GetByTestId("step-output").First).ToBeVisibleAsync();
        await window.GotoAsync("scalar");
        await Assertions.Expect(window.Page.GetByText("/api/v1/prompts").First).ToBeVisibleAsync();
        (await window.Page.Context.CookiesAsync()).Should().OnlyContain(cookie => cookie.Path == "/promptpilot");
        refused.Should().BeEmpty();
        window.AssertClean();
    }
}
