using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The list of runs: pins and deletion, by keyboard too.</summary>
public sealed class RunsListTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    [Trait("Category", "Soak")]
    public async Task Runs_SelectedByKeyboard_AreDeleted_AndThePinnedOneIsKeptAndSaid(ColorScheme theme, int width)
    {
        _world.Model.Script = _ => FakeAnswer.Of("Done.");
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await _world.Api.RunAsync(_world.WorkflowId)).Text("id"));
        }

        var person = await _world.Portal.AddPersonAsync(Role.Architect);
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(person);
        var page = window.Page;
        await window.GoAsync($"/runs/{ids[2]}");
        await page.GetByTestId("pin").ClickAsync();
        await Assertions.Expect(page.GetByTestId("pin")).ToHaveAttributeAsync("aria-pressed", "true");

        await window.GoAsync("/runs");
        await Assertions.Expect(page.GetByTestId("pinned")).ToHaveCountAsync(1);
        await page.GetByTestId("select-run").First.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.GetByTestId("select-run").Nth(1).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.GetByTestId("selection")).ToContainTextAsync("2 runs selected");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync($"runs-selected-{theme.ToString().ToLowerInvariant()}-{width}");

        await page.GetByTestId("delete-selected").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Delete 2 runs?");
        await page.GetByTestId("confirm-yes").ClickAsync();

        await Assertions.Expect(page.GetByTestId("deletion-report")).ToContainTextAsync("1 run deleted, 1 kept:");
        await Assertions.Expect(page.GetByTestId("deletion-report")).ToContainTextAsync("This run is pinned. Unpin it first.");
        await Assertions.Expect(page.GetByTestId("run-row")).ToHaveCountAsync(2);
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync($"runs-deleted-{theme.ToString().ToLowerInvariant()}-{width}");

        await page.GetByTestId("filter-pinned").SelectOptionAsync("true");
        await Assertions.Expect(page.GetByTestId("run-row")).ToHaveCountAsync(1);
        await window.GoAsync($"/workflows/{_world.WorkflowId}");
        await Assertions
            .Expect(page.GetByTestId("retention"))
            .ToHaveTextAsync("Ended runs are kept 90 days; rated and pinned runs are always kept.");
        window.AssertClean();
    }
}
