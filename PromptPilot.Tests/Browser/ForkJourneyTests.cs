using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>Fork a run with another value, then see side by side what came of it.</summary>
[Trait("Category", "Soak")]
public sealed class ForkJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Fork_WithAnotherValue_ThenCompare_ShowsWhatChanged()
    {
        _world.Model.Script = call =>
            FakeAnswer.Of(call.Prompt.Contains("glad", StringComparison.Ordinal) ? "A merry digest." : "A plain digest.");
        var run = await _world.Api.RunAsync(_world.WorkflowId, "Notes of Monday.");
        var parent = run.GetProperty("id").GetString()!;
        var window = await _world.SignInAsync(Role.Collaborator);

        await window.GoAsync($"/runs/{parent}");
        await window.Page.Locator("[data-testid=step-card][data-step=digest]").GetByTestId("fork").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("fork-plan")).ToContainTextAsync("Kept: facts, mood.");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("fork-light-1280");
        await window.Page.SetViewportSizeAsync(375, 800);
        await window.ScreenshotAsync("fork-light-375");
        (await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .Be(0);
        await window.Page.SetViewportSizeAsync(1280, 900);
        await window.Page.GetByTestId("fork-values-mood").FillAsync("Everybody is glad.");
        await window.Page.GetByTestId("fork-submit").ClickAsync();

        await Assertions.Expect(window.Page.GetByTestId("parent-run")).ToBeVisibleAsync();
        await Assertions
            .Expect(window.Page.GetByTestId("run-status"))
            .ToHaveAttributeAsync("data-status", "succeeded", new() { Timeout = 20_000 });
        var forked = new Uri(window.Page.Url).Segments[^1];
        await window.GoAsync($"/runs/compare?left={parent}");
        await window.Page.GetByTestId("compare-right").FillAsync(window.Page.Url.Split("/runs/")[0] + "/runs/" + forked);
        await window.Page.GetByTestId("compare-submit").ClickAsync();

        await Assertions.Expect(window.Page.GetByTestId("compare-differences")).ToHaveTextAsync("1 of 3 steps differ");
        var step = window.Page.Locator("[data-testid=compare-step][data-step=digest]");
        await Assertions.Expect(step.Locator("[data-testid=diff-sides] del").Last).ToHaveTextAsync("plain");
        await Assertions.Expect(step.Locator("[data-testid=diff-sides] ins").Last).ToHaveTextAsync("merry");
        await step.GetByTestId("compare-prompt").ClickAsync();
        await Assertions.Expect(step.Locator("details ins").First).ToContainTextAsync("Everybody");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("compare-fork-light-1280");
        window.AssertClean();
    }
}
