using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// From the library to a run: search while typing, filter, tag and archive several prompts, and find a run by Ctrl+K. By mouse, and by
/// keyboard alone.
/// </summary>
public sealed class LibraryJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;
    private string _runId = "";
    private TestPerson _person = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome);
        _world.Model.Script = _ => FakeAnswer.Of("Done.");
        foreach (
            var (name, category) in new[]
            {
                ("Meeting summary", "work"),
                ("Meeting agenda", "work"),
                ("会议记录", "work"),
                ("Recipe", "home"),
            }
        )
        {
            await _world.Api.SendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name,
                    content = "Write {{ notes }}",
                    metadata = new { category, tags = new[] { "sample" } },
                }
            );
        }

        _runId = (await _world.Api.RunAsync(_world.WorkflowId, "The zeppelin is late.")).Text("id");
        _person = await _world.Portal.AddPersonAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(ColorScheme.Light, 1280, Traits = new[] { "Category", "Soak" })]
    [InlineData(ColorScheme.Dark, 375)]
    public async Task Library_ByMouse_FromSearchToARun(ColorScheme theme, int width)
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(_person);
        var page = window.Page;
        await window.GoAsync("/prompts");
        await page.GetByTestId("prompts-search").PressSequentiallyAsync("meet");
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(2);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("text=meet"));
        await page.GetByTestId("prompts-category").SelectOptionAsync("work");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("category=work"));
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(2);
        await page.GetByTestId("select-prompt").First.CheckAsync();
        await page.GetByTestId("select-prompt").Nth(1).CheckAsync();
        await page.GetByTestId("bulk-tag").FillAsync("weekly");
        await page.GetByTestId("bulk-add-tag").ClickAsync();
        await Assertions.Expect(page.GetByTestId("bulk-report")).ToContainTextAsync("2 prompts tagged “weekly”.");
        await Assertions.Expect(page.GetByTestId("prompt-row").First).ToContainTextAsync("weekly");
        await CheckAsync(window, $"prompts-selected-{theme}-{width}");
        await page.GetByTestId("bulk-undo").ClickAsync();
        await Assertions.Expect(page.GetByTestId("bulk-report")).ToContainTextAsync("2 prompts restored.");

        await page.GetByTestId("bulk-archive").ClickAsync();
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(0);
        await page.GetByTestId("prompts-archived").SelectOptionAsync("true");
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(2);
        await CheckAsync(window, $"prompts-archived-{theme}-{width}");

        await page.GetByTestId("open-palette").ClickAsync();
        await Assertions.Expect(page.GetByTestId("palette-input")).ToBeFocusedAsync();
        await CheckAsync(window, $"palette-{theme}-{width}");
        await page.GetByTestId("palette-input").FillAsync("zeppelin");
        await Assertions.Expect(page.GetByTestId("palette-option")).ToHaveCountAsync(1);
        await CheckAsync(window, $"palette-found-{theme}-{width}");
        await page.GetByTestId("palette-option").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/runs/{_runId}$"));
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Runs_ByDaysAndByAnInput_AreFiltered_AndTheAddressKeepsIt()
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, 375, 800, ColorScheme.Dark);
        await window.SignInAsync(_person);
        var page = window.Page;
        await window.GoAsync("/runs?text=zeppelin");
        await Assertions.Expect(page.GetByTestId("run-row")).ToHaveCountAsync(1);
        var today = await page.EvaluateAsync<string>(
            "() => { const d = new Date(); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "
                + "'0')}-${String(d.getDate()).padStart(2, '0')}`; }"
        );

        await page.GetByTestId("filter-since").SelectOptionAsync("days");
        await page.GetByTestId("day-to").FillAsync("2001-02-03");
        await Assertions.Expect(page.GetByText("No runs match")).ToBeVisibleAsync();
        await page.GetByTestId("day-to").FillAsync(today);
        await page.GetByTestId("day-from").FillAsync(today);
        await Assertions.Expect(page.GetByTestId("run-row")).ToHaveCountAsync(1);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("text=zeppelin.*since=days.*from=.*Z.*to=|to=.*Z.*from="));
        await page.ReloadAsync();
        await window.WaitForInteractivityAsync();
        await Assertions.Expect(page.GetByTestId("day-from")).ToHaveValueAsync(today);
        await Assertions.Expect(page.GetByTestId("day-to")).ToHaveValueAsync(today);
        await CheckAsync(window, "runs-days-dark-375");
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task KeysThatActAlone_SwitchedOffInTheAccount_AreSilent_WhileArrowsStay()
    {
        var quiet = await _world.Portal.AddPersonAsync(Role.Viewer);
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, 1280, 900, ColorScheme.Light);
        await window.SignInAsync(quiet);
        var (page, keys) = (window.Page, window.Page.Keyboard);
        await window.GoAsync("/account");
        await page.GetByTestId("account-keys").UncheckAsync();
        await page.GetByTestId("account-save").ClickAsync();
        await Assertions.Expect(page.GetByText("Saved ✓")).ToBeVisibleAsync();

        await window.GoAsync("/prompts?text=meeting");
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(2);
        await page.GetByTestId("prompts-search").FocusAsync();
        await keys.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByTestId("prompt-row").First.GetByRole(AriaRole.Link).First).ToBeFocusedAsync();
        await keys.PressAsync("/");
        await keys.PressAsync("j");
        await keys.PressAsync("x");
        await Assertions.Expect(page.GetByTestId("prompt-row").First.GetByRole(AriaRole.Link).First).ToBeFocusedAsync();
        await keys.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByTestId("prompt-row").Nth(1).GetByRole(AriaRole.Link).First).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByTestId("bulk")).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Library_ByKeyboardAlone_FromSearchToARun()
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, 1280, 900, ColorScheme.Light);
        await window.SignInAsync(_person);
        var (page, keys) = (window.Page, window.Page.Keyboard);
        await window.GoAsync("/prompts");
        await Assertions.Expect(page.GetByTestId("prompts-search")).ToBeVisibleAsync();
        await keys.PressAsync("/");
        await Assertions.Expect(page.GetByTestId("prompts-search")).ToBeFocusedAsync();
        await keys.TypeAsync("会议");
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(1);
        await keys.PressAsync("Control+A");
        await keys.TypeAsync("meeting");
        await Assertions.Expect(page.GetByTestId("prompt-row")).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByTestId("prompt-row").First).ToContainTextAsync("Meeting agenda");

        await keys.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Meeting agenda" })).ToBeFocusedAsync();
        await keys.PressAsync("x");
        await Assertions.Expect(page.GetByTestId("select-prompt").First).ToBeCheckedAsync();
        await keys.PressAsync("j");
        await keys.PressAsync("x");
        await Assertions.Expect(page.GetByTestId("bulk")).ToContainTextAsync("2 prompts selected");
        await keys.PressAsync("k");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Meeting agenda");

        await keys.PressAsync("Control+k");
        await Assertions.Expect(page.GetByTestId("palette-input")).ToBeFocusedAsync();
        await keys.TypeAsync("zeppelin");
        await keys.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/runs/{_runId}$"));
        await Assertions.Expect(page.GetByTestId("palette")).ToBeHiddenAsync();

        await keys.PressAsync("Control+k");
        await Assertions.Expect(page.GetByTestId("palette-option").First).ToContainTextAsync("Workflow");
        await keys.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByTestId("palette-option").Nth(1)).ToHaveAttributeAsync("aria-selected", "true");
        await keys.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("palette")).ToBeHiddenAsync();
        window.AssertClean();
    }

    private static async Task CheckAsync(BrowserWindow window, string name)
    {
        await window.ScreenshotAsync(name.ToLowerInvariant());
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        (await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .BeLessThanOrEqualTo(0, "nothing is wider than the screen");
    }
}
