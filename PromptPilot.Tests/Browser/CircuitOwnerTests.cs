using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Attacks;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A page acts for whom it was opened by, and for nobody else.</summary>
[Collection(AttackTests.Name)]
public sealed class CircuitOwnerTests(AttackWorld world, Chrome chrome)
{
    [Fact]
    public async Task Circuit_WhenAnotherPersonSignsInOnTheSameBrowser_ActsNoMore()
    {
        var ann = await world.Portal.AddPersonAsync(Role.Architect);
        var bob = await world.Portal.AddPersonAsync(Role.Architect);
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress);
        await window.SignInAsync(ann);
        // Leaving a page with something typed asks first.
        window.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await window.GoAsync("/prompts/new");
        await window.Page.GetByTestId("prompt-name").FillAsync("Written by Ann, sent by whom?");
        await window.Page.GetByTestId("prompt-content").FillAsync("Hello");
        await Assertions.Expect(window.Page.GetByTestId("prompt-save")).ToBeEnabledAsync(new() { Timeout = 60_000 });

        // Another tab of the same browser, with Ann's cookie still in it.
        var tab = await window.Page.Context.NewPageAsync();
        await tab.GotoAsync(window.AddressOf("/account/sign-in"));
        await tab.GetByTestId("email").FillAsync(bob.Email);
        await tab.GetByTestId("password").FillAsync(bob.Password);
        await tab.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(tab).Not.ToHaveURLAsync(new Regex("/account/"), new() { Timeout = 60_000 });

        // Whichever is first: the click is refused, or the page is led out before it.
        try
        {
            await window.Page.GetByTestId("prompt-save").ClickAsync(new() { Timeout = 5_000 });
        }
        catch (Exception exception) when (exception is PlaywrightException or TimeoutException)
        {
            // The button went with its page.
        }

        var prompts = await world.Api.SendAsync(HttpMethod.Get, "prompts?text=Written%20by%20Ann", null);
        prompts.GetProperty("items").GetArrayLength().Should().Be(0, "neither Ann nor Bob has saved it");
        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }
}
