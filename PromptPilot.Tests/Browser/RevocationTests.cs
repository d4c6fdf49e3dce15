using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>An open page belongs to somebody who may be there: when that ends, the page ends.</summary>
public sealed class RevocationTests(Chrome chrome)
{
    [Fact]
    public async Task OpenPage_OfAPersonWhoIsLocked_IsLedToSignIn()
    {
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Users:RevalidationSeconds"] = "1" } }
        );
        var ann = await portal.AddPersonAsync(Role.Architect);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(ann);
        await window.GoAsync("/prompts");
        await Assertions.Expect(window.Page.GetByTestId("user-menu")).ToBeVisibleAsync();

        await using var scope = portal.Services.CreateAsyncScope();
        var locked = await scope
            .ServiceProvider.GetRequiredService<UserService>()
            .LockAsync((await portal.GetAdminAsync()).Actor, ann.Id, null, TestContext.Current.CancellationToken);

        locked.Problem.Should().BeNull();
        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await window.GotoAsync("/prompts");
        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync();
    }
}
