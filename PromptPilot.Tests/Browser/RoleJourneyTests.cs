using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Attacks;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// What each role's day is like: all that the navigation shows opens, the one typical thing can be done, and what is others' says so
/// kindly.
/// </summary>
[Collection(AttackTests.Name)]
[Trait("Category", "Soak")]
public sealed class RoleJourneyTests(AttackWorld world, Chrome chrome)
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 60_000 };

    /// <summary>Role → how many links the navigation has, and pages that are others'.</summary>
    public static TheoryData<Role, int, string[]> Roles { get; } =
        new()
        {
            {
                Role.Viewer,
                6,
                ["/users", "/audit", "/admin/storage", "/admin/hosts", "/admin/settings", "/admin/model-profiles", "/import"]
            },
            {
                Role.Collaborator,
                6,
                ["/users", "/audit", "/admin/storage", "/admin/hosts", "/admin/settings", "/admin/model-profiles", "/import"]
            },
            { Role.Architect, 6, ["/users", "/audit", "/admin/storage", "/admin/hosts", "/admin/settings", "/admin/model-profiles"] },
            { Role.Admin, 10, [] },
        };

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Role_SeesItsPages_DoesItsThing_AndIsRefusedTheOthersKindly(Role role, int least, string[] others)
    {
        await using var window = await chrome.OpenAsync(world.Portal.BaseAddress);
        await window.SignInOnPageAsync(await world.Portal.AddPersonAsync(role));
        await Assertions.Expect(window.Page.Locator("#navigation a").First).ToBeVisibleAsync(Patient);
        var links = await window
            .Page.Locator("#navigation a")
            .EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");
        links.Length.Should().BeGreaterThanOrEqualTo(least);
        links.Should().NotIntersectWith(others);
        foreach (var path in links)
        {
            await window.GoAsync(path);
            await Assertions.Expect(window.Page.Locator("main h1").First).ToBeVisibleAsync(Patient);
            await Assertions.Expect(window.Page.GetByTestId("loading")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
            await Assertions.Expect(window.Page.GetByTestId("error")).ToHaveCountAsync(0);
        }

        await DoAsync(role, window);
        foreach (var path in others)
        {
            await window.GoAsync(path);
            await Assertions.Expect(window.Page.Locator("main")).ToContainTextAsync(KindRefusal(), new() { Timeout = 60_000 });
            await Assertions.Expect(window.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        }

        window.AssertClean();
    }

    private async Task DoAsync(Role role, BrowserWindow window)
    {
        var page = window.Page;
        switch (role)
        {
            case Role.Viewer:
                await window.GoAsync($"/runs/{world.Mine.Run}");
                await Assertions.Expect(page.GetByTestId("step-output").First).ToBeVisibleAsync(Patient);
                await Assertions.Expect(page.GetByTestId("retry")).ToHaveCountAsync(0);
                break;
            case Role.Collaborator:
                await window.GoAsync($"/workflows/{world.Theirs.Workflow}/run");
                await page.GetByTestId("input-text").FillAsync("Notes of a collaborator.");
                await page.GetByTestId("run-submit").ClickAsync();
                await Assertions
                    .Expect(page.GetByTestId("run-status"))
                    .ToHaveAttributeAsync("data-status", "succeeded", new() { Timeout = 60_000 });
                break;
            case Role.Architect:
                await window.GoAsync("/prompts/new");
                await page.GetByTestId("prompt-name").FillAsync("An architect's prompt");
                await page.GetByTestId("prompt-content").FillAsync("Write {{ notes }}.");
                await Assertions.Expect(page.GetByTestId("prompt-save")).ToBeEnabledAsync(new() { Timeout = 60_000 });
                await page.GetByTestId("prompt-save").ClickAsync();
                await Assertions.Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.0.0", new() { Timeout = 60_000 });
                break;
            default:
                await window.GoAsync("/users");
                await page.GetByTestId("add-user").ClickAsync();
                await page.GetByTestId("new-name").FillAsync("Newcomer");
                await page.GetByTestId("new-email").FillAsync("newcomer@example.org");
                await page.GetByTestId("save-user").ClickAsync();
                await Assertions.Expect(page.GetByTestId("password-link-card")).ToBeVisibleAsync(Patient);
                break;
        }
    }

    private static System.Text.RegularExpressions.Regex KindRefusal() =>
        new("Your role is|Ask an admin|architect", System.Text.RegularExpressions.RegexOptions.None);
}
