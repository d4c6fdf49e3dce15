using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// A passkey on Chromium's virtual authenticator. Browsers give none to an IP address: the portal is called localhost here.
/// </summary>
public sealed class PasskeyTests(Chrome chrome)
{
    [Fact]
    public async Task Passkey_AddedOnTheAccount_SignsIn_AndNoMoreOnceRemoved()
    {
        await using var portal = await PortalHost.StartAsync();
        var ann = await portal.AddPersonAsync(Role.Collaborator);
        var address = new UriBuilder(portal.BaseAddress) { Host = "localhost" }.Uri;
        await using var window = await chrome.OpenAsync(address);
        var devices = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync(
            "WebAuthn.addVirtualAuthenticator",
            new()
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            }
        );
        await window.SignInAsync(ann);
        await window.GotoAsync("/account/passkeys");
        await window.Page.GetByTestId("passkey-name").FillAsync("My laptop");
        await window.Page.GetByTestId("add-passkey").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("passkeys")).ToContainTextAsync("My laptop");

        await window.Page.Context.ClearCookiesAsync();
        await window.GotoAsync("/account/sign-in");
        await window.Page.GetByTestId("passkey-sign-in").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("user-menu")).ToBeVisibleAsync();

        await window.GotoAsync("/account/passkeys");
        await window.Page.GetByTestId("remove-passkey").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("no-passkeys")).ToBeVisibleAsync();
        await window.Page.Context.ClearCookiesAsync();
        await window.GotoAsync("/account/sign-in");
        await window.Page.GetByTestId("passkey-sign-in").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("not registered here")).ToBeVisibleAsync();
        window.AssertClean();
    }
}
