using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>What people do with accounts, from the first invitation on, by the pages alone.</summary>
public sealed class PeopleJourneyTests(Chrome chrome)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitation_LeadsToAPasswordAndAnAccount_AndIsInTheAuditLog()
    {
        await using var mails = new FakeMailServer { Recipient = _ => "550 5.1.1 no such mailbox yet" };
        await using var portal = await StartAsync(mails);
        await using var admin = await chrome.OpenAsync(portal.BaseAddress);
        await admin.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        await admin.GoAsync("/users");
        await admin.Page.GetByTestId("add-user").ClickAsync();
        await admin.Page.GetByTestId("new-name").FillAsync("Nora New");
        await admin.Page.GetByTestId("new-email").FillAsync("nora@example.org");
        await admin.Page.GetByTestId("save-user").ClickAsync();
        await Assertions.Expect(admin.Page.GetByTestId("link-not-mailed")).ToContainTextAsync("550 5.1.1 no such mailbox yet");
        var shown = await admin.Page.GetByTestId("password-link-card").Locator("pre").InnerTextAsync();
        await admin.ScreenshotAsync("invitation-not-mailed");

        mails.Recipient = _ => "250 ok";
        await admin.Page.GetByTestId("user-nora@example.org").GetByTestId("user-actions").GetByRole(AriaRole.Button).ClickAsync();
        await admin.Page.GetByTestId("reset").ClickAsync();
        await Assertions.Expect(admin.Page.GetByTestId("link-mailed")).ToContainTextAsync("nora@example.org");
        await Assertions.Expect(admin.Page.GetByTestId("password-link-card").Locator("pre")).ToHaveCountAsync(0);
        (await admin.CheckAccessibilityAsync()).Should().BeEmpty();
        await admin.ScreenshotAsync("invitation-mailed");
        var mail = mails.Mails.Should().ContainSingle().Subject;
        var link = new Uri(
            mail.TextBody!.Split('\n').Single(line => line.Contains("token=", StringComparison.Ordinal)).Trim()
        ).PathAndQuery;
        shown.Should().Contain("token=").And.NotContain(link, "the one that was shown counts no more");

        await using var nora = await chrome.OpenAsync(portal.BaseAddress);
        await nora.GotoAsync(link);
        await nora.Page.GetByTestId("password").FillAsync("nora's long password 1");
        await nora.Page.GetByTestId("set-password").ClickAsync();
        await Assertions.Expect(nora.Page.GetByTestId("sign-in")).ToBeVisibleAsync();
        await nora.SignInOnPageAsync("nora@example.org", "nora's long password 1");
        await Assertions.Expect(nora.Page.GetByTestId("user-menu")).ToBeVisibleAsync();

        await using var again = await chrome.OpenAsync(portal.BaseAddress);
        await again.GotoAsync(link);
        await Assertions.Expect(again.Page.GetByTestId("set-password")).ToHaveCountAsync(0);

        await admin.GoAsync("/audit?kind=user&action=Created");
        var entry = admin.Page.GetByTestId("audit-entry").Filter(new() { HasText = "Nora New" });
        await entry.GetByTestId("audit-open").ClickAsync();
        await Assertions.Expect(admin.Page.GetByTestId("audit-changes")).ToContainTextAsync("nora@example.org");
        await Assertions.Expect(entry).ToContainTextAsync("127.0.0.1");
        admin.AssertClean();
        nora.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task TwoFactor_SetUpOnTheAccountPage_IsAskedForAtTheNextSignIn()
    {
        await using var portal = await StartAsync();
        var ann = await portal.AddPersonAsync(Role.Collaborator);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(ann);
        await window.GoAsync("/account");
        await window.Page.GetByTestId("totp-begin").ClickAsync();
        await Assertions.Expect(window.Page.Locator("svg.qr-code")).ToBeVisibleAsync();
        var key = FromBase32((await window.Page.GetByTestId("two-factor").Locator("pre").InnerTextAsync()).Trim());
        await window.Page.GetByTestId("totp-code").FillAsync(CodeOf(key, 0));
        await window.Page.GetByTestId("totp-confirm").ClickAsync();
        var codes = (await window.Page.GetByTestId("recovery-codes").Locator("pre").InnerTextAsync()).Split(
            '\n',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );
        codes.Should().HaveCount(10);

        await using var other = await chrome.OpenAsync(portal.BaseAddress);
        await FillSignInAsync(other, ann);
        await other.Page.GetByTestId("code").FillAsync(CodeOf(key, 1));
        await other.Page.GetByTestId("confirm-code").ClickAsync();
        await Assertions.Expect(other.Page.GetByTestId("user-menu")).ToBeVisibleAsync();

        await using var third = await chrome.OpenAsync(portal.BaseAddress);
        await FillSignInAsync(third, ann);
        await third.Page.GetByTestId("code").FillAsync(codes[0]);
        await third.Page.GetByTestId("confirm-code").ClickAsync();
        await Assertions.Expect(third.Page.GetByTestId("user-menu")).ToBeVisibleAsync();
        window.AssertClean();
        other.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Session_EndedFromAnotherBrowser_TakesItsOpenPageAway()
    {
        await using var portal = await StartAsync();
        var ann = await portal.AddPersonAsync(Role.Architect);
        await using var phone = await chrome.OpenAsync(portal.BaseAddress);
        await phone.SignInAsync(ann);
        await phone.GoAsync("/prompts");
        await using var laptop = await chrome.OpenAsync(portal.BaseAddress);
        await laptop.SignInAsync(ann);
        await laptop.GoAsync("/account");
        await Assertions.Expect(laptop.Page.GetByTestId("session")).ToHaveCountAsync(2);

        await laptop.Page.GetByTestId("end-session").ClickAsync();

        await Assertions.Expect(laptop.Page.GetByTestId("session")).ToHaveCountAsync(1);
        await Assertions.Expect(phone.Page.GetByTestId("sign-in")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task OpenPage_OfAPersonWhoIsDemoted_IsLedToSignIn_AndOpensWithTheNewRole()
    {
        await using var portal = await StartAsync();
        var ann = await portal.AddPersonAsync(Role.Admin);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(ann);
        await window.GoAsync("/users");
        await Assertions.Expect(window.Page.GetByTestId("add-user")).ToBeVisibleAsync();

        (
            await portal
                .Get<UserService>()
                .UpdateAsync((await portal.GetAdminAsync()).Actor, ann.Id, new UserChange(Role: Role.Viewer), null, Cancellation)
        )
            .IsOk.Should()
            .BeTrue();

        await Assertions.Expect(window.Page.GetByTestId("sign-in")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await window.SignInOnPageAsync(ann);
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);
    }

    private static Task<PortalHost> StartAsync(FakeMailServer? mails = null) =>
        PortalHost.StartAsync(
            new PortalOptions
            {
                Settings = new Dictionary<string, string?>(mails?.Settings ?? [])
                {
                    ["PromptPilot:Users:RevalidationSeconds"] = "1",
                    ["PromptPilot:Http:SignInsPerMinute"] = "1000",
                },
            }
        );

    private static async Task FillSignInAsync(BrowserWindow window, TestPerson person)
    {
        await window.GotoAsync("/account/sign-in");
        await window.Page.GetByTestId("email").FillAsync(person.Email);
        await window.Page.GetByTestId("password").FillAsync(person.Password);
        await window.Page.GetByTestId("sign-in").ClickAsync();
    }

    private static string CodeOf(byte[] key, int stepsAhead) => Totp.CodeAt(key, Totp.StepAt(DateTimeOffset.UtcNow) + stepsAhead);

    private static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        int buffer = 0,
            bits = 0;
        foreach (var character in text)
        {
            buffer = ((buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character)) & 0xffff;
            if ((bits += 5) >= 8)
            {
                bytes.Add((byte)(buffer >> (bits -= 8)));
            }
        }

        return [.. bytes];
    }
}
