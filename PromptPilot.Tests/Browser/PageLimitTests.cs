using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>What somebody sees who opens one page too many.</summary>
[Trait("Category", "Soak")]
public sealed class PageLimitTests(Chrome chrome)
{
    [Fact]
    public async Task Page_OneTooMany_SaysSo_AndOpensWhenAnotherIsClosed()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Http:PagesPerPerson"] = "2" } }
        );
        var ann = await portal.AddPersonAsync(Role.Viewer);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(ann);
        await window.GoAsync("/prompts");
        var second = await window.Page.Context.NewPageAsync();
        await second.GotoAsync(window.AddressOf("/workflows"));
        await second.WaitForFunctionAsync("() => document.querySelector('[data-interactive=\"true\"]') !== null");

        var third = await window.Page.Context.NewPageAsync();
        await third.GotoAsync(window.AddressOf("/runs?status=Failed"));
        await Assertions.Expect(third.GetByTestId("too-many-pages")).ToBeVisibleAsync();

        await second.CloseAsync(new PageCloseOptions { RunBeforeUnload = false });
        await Eventually.HoldsAsync(
            async () =>
            {
                await third.GetByTestId("try-again").Or(third.GetByTestId("user-menu")).First.IsVisibleAsync();
                if (await third.GetByTestId("try-again").CountAsync() == 0)
                {
                    return true;
                }

                await third.GetByTestId("try-again").ClickAsync();
                return false;
            },
            "the place of the closed page"
        );
        await Assertions.Expect(third).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("runs\\?status=Failed"));
        await Assertions.Expect(third.GetByTestId("user-menu")).ToBeVisibleAsync();
    }
}
