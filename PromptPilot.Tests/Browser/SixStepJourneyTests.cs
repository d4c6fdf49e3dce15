using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// A workflow of six steps with two branches, a list and a review: built on an empty canvas, tried, published and watched, once by mouse
/// and once by keys alone.
/// </summary>
public sealed class SixStepJourneyTests(CanvasJourneyTests.World world) : IClassFixture<CanvasJourneyTests.World>, IAsyncLifetime
{
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    private CanvasHand Hand => new(_window);

    public async ValueTask InitializeAsync()
    {
        world.Browser.Model.Script = _ => FakeAnswer.Of("one two three");
        _window = await world.Browser.SignInAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _window.DisposeAsync();

    [Fact]
    public async Task ByMouse_SixStepsAreBuiltTriedPublishedAndWatched()
    {
        await Hand.OpenAsync("/workflows/new");
        await Page.GetByTestId("workflow-name").FillAsync("Six by mouse");
        await DropAsync("Alpha", null, 1);
        await DropAsync("Beta", null, 2);
        await DropAsync("Gamma", "beta", 3);
        await DropAsync("Alpha", "gamma", 4);
        await DropAsync("Beta", "alpha_2", 5);
        await DropAsync("Gamma", "beta_2", 6);

        await Hand.Card("alpha_2").ClickAsync();
        await Expect(Page.GetByTestId("step-output-key")).ToHaveValueAsync("alpha_2");
        await Page.GetByTestId("option-row-each").ClickAsync();
        await Field(3, "forEach").FillAsync("gamma | split: ' '");
        await Page.GetByTestId("mapping-pick").ClickAsync();
        await Page.GetByTestId("mapping-key").First.ClickAsync();
        await Expect(Page.GetByTestId("mapping-expression")).ToHaveValueAsync("item");
        await Hand.Card("gamma_2").ClickAsync();
        await Expect(Page.GetByTestId("step-output-key")).ToHaveValueAsync("gamma_2");
        await Page.GetByTestId("option-row-review").ClickAsync();
        await Page.GetByLabel("Require review").CheckAsync();
        await Expect(Page.GetByTestId("problems")).ToContainTextAsync("Ready to publish");

        await Page.GetByTestId("test-run").ClickAsync();
        await Page.GetByTestId("input-text").FillAsync("Notes of Monday.");
        await Page.GetByTestId("run-submit").ClickAsync();
        await Page.GetByTestId("review-approve").ClickAsync();
        await Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        await CheckFlowAsync();
        await Page.GetByTestId("publish").ClickAsync();
        await Page.GetByTestId("run").ClickAsync();
        await Page.GetByTestId("input-text").FillAsync("Notes of Tuesday.");
        await Page.GetByTestId("run-submit").ClickAsync();
        await Page.GetByTestId("review-approve").ClickAsync();
        await Expect(Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        _window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ByKeysAlone_SixStepsAreBuiltTriedPublishedAndWatched()
    {
        await Hand.OpenAsync("/workflows/new");
        await TypeAsync(Page.GetByTestId("workflow-name"), "Six by keys");
        foreach (var (name, count) in new[] { "Alpha", "Beta", "Gamma", "Alpha", "Beta", "Gamma" }.Select((name, i) => (name, i + 1)))
        {
            await PressAsync(Hand.Prompt(name), "Enter");
            await Expect(Page.GetByTestId("step-card")).ToHaveCountAsync(count);
        }

        await MapAsync("alpha_2", "gamma");
        await MapAsync("beta_2", "alpha_2");
        await MapAsync("gamma_2", "alpha_2", "beta_2");
        await OpenAsync("alpha_2");
        await UnfoldAsync("each");
        await TypeAsync(Field(3, "forEach"), "gamma | split: ' '");

        // What read the whole list reads its item now, by itself.
        await Expect(Page.GetByTestId("mapping-expression")).ToHaveValueAsync("item");
        await OpenAsync("gamma_2");
        await UnfoldAsync("review");
        await PressAsync(Page.GetByLabel("Require review"), "Space");
        await Expect(Page.GetByTestId("problems")).ToContainTextAsync("Ready to publish");

        await PressAsync(Page.GetByTestId("test-run"), "Enter");
        await TypeAsync(Page.GetByTestId("input-text"), "Notes of Monday.");
        await Page.Keyboard.PressAsync("Control+Enter");
        await PressAsync(Page.GetByTestId("review-approve"), "Enter");
        await Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        await CheckFlowAsync();
        await PressAsync(Page.GetByTestId("publish"), "Enter");
        await PressAsync(Page.GetByTestId("run"), "Enter");

        // A new page moves the focus to its heading; keys typed before that would go there.
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        await TypeAsync(Page.GetByTestId("input-text"), "Notes of Tuesday.");
        await Page.Keyboard.PressAsync("Control+Enter");
        await PressAsync(Page.GetByTestId("review-approve"), "Enter");
        await Expect(Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        _window.AssertClean();
    }

    private ILocator Field(int step, string name) => Page.Locator($"#field-steps-{step}-{name}");

    /// <summary>Two branches that one step joins, then a list of three items, and one after the other.</summary>
    private async Task CheckFlowAsync()
    {
        await Expect(Page.GetByTestId("canvas-summary")).ToContainTextAsync("6 steps · 5 levels");
        await Expect(Page.Locator("[data-testid=step-trial][data-step=alpha_2]")).ToContainTextAsync("3 of 3 items");
        await Expect(Page.GetByTestId("step-trial")).ToHaveCountAsync(6);
    }

    /// <param name="onto">The key of the step that is to be read; null: a blank spot.</param>
    private async Task DropAsync(string prompt, string? onto, int count)
    {
        await Page.GetByTestId("zoom-fit").ClickAsync();
        var (place, title) = onto is null
            ? (await Hand.BlankAsync(), "Start in parallel")
            : (await CanvasHand.CenterAsync(Hand.Card(onto)), "Read output");
        await Hand.DragAsync(Hand.Prompt(prompt), place, title, "←");
        await Expect(Page.GetByTestId("step-card")).ToHaveCountAsync(count);
    }

    private async Task MapAsync(string step, params string[] keys)
    {
        await OpenAsync(step);
        for (var row = 0; row < keys.Length; row++)
        {
            await TypeAsync(Page.GetByTestId("mapping-expression").Nth(row), keys[row]);
        }
    }

    private async Task OpenAsync(string step)
    {
        await PressAsync(Hand.Card(step), "Enter");
        await Expect(Page.GetByTestId("step-output-key")).ToHaveValueAsync(step);
    }

    /// <summary>The inspector of a step that was just selected can be drawn again under the key, which then is pressed again.</summary>
    private async Task UnfoldAsync(string section)
    {
        var row = Page.GetByTestId($"option-row-{section}");
        var open = Page.Locator($"[data-testid=option-row-{section}][aria-expanded=true]");
        for (var presses = 0; presses < 3 && await open.CountAsync() == 0; presses++)
        {
            await PressAsync(row, "Enter");
            try
            {
                await open.WaitForAsync(new() { Timeout = 4_000 });
            }
            catch (TimeoutException)
            {
                // The key was lost.
            }
        }
    }

    private async Task PressAsync(ILocator control, string key)
    {
        await control.FocusAsync();
        await Page.Keyboard.PressAsync(key);
    }

    private async Task TypeAsync(ILocator field, string text)
    {
        await field.FocusAsync();
        await Page.Keyboard.PressAsync("Control+a");
        await Page.Keyboard.TypeAsync(text);
        await Expect(field).ToHaveValueAsync(text);
        await Page.Keyboard.PressAsync("Tab");
    }
}
