using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>Trying a draft in the designer: whole and live beside its steps, one step alone, before it was ever saved.</summary>
public sealed class TestRunJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome);
        _window = await _world.SignInAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Draft_Unsaved_StreamsBesideItsSteps_AndIsMarkedInRuns()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call =>
            FakeAnswer.Of($"Answer of {call.Prompt.Split(':')[0]} in words.") with
            {
                Gate = call.Prompt.StartsWith("digest", StringComparison.Ordinal) ? null : gate.Task,
                GateAfter = 2,
            };
        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        await Page.GetByTestId("step-card").Nth(2).ClickAsync();
        await Page.GetByTestId("mapping-expression").First.FillAsync("facts | upcase");
        await Page.GetByTestId("test-run").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("test-run-panel")).ToBeFocusedAsync();
        await Page.GetByTestId("input-text").FillAsync("Notes of Monday.");
        await Page.GetByTestId("run-submit").ClickAsync();

        foreach (var step in new[] { "facts", "mood" })
        {
            await Assertions.Expect(Trial(step)).ToContainTextAsync("Streaming");
            await Assertions.Expect(Trial(step)).ToContainTextAsync("Answer of");
        }

        await Assertions.Expect(Page.GetByTestId("flow-live")).ToHaveCountAsync(2);
        await Assertions.Expect(Trial("digest")).ToHaveAttributeAsync("data-status", "pending");
        gate.SetResult();
        await Assertions.Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(Trial("digest")).ToContainTextAsync("Answer of digest in words.");
        _world.Model.Calls[^1].Prompt.Should().Be("digest: ANSWER OF FACTS IN WORDS. Answer of mood in words.");
        await Assertions.Expect(Page.GetByTestId("save-state")).ToHaveTextAsync("Unsaved changes");
        await Assertions.Expect(Page.GetByTestId("mapping-sample").First).ToContainTextAsync("ANSWER OF FACTS");

        // From the last step on, by keyboard: the others keep what they wrote.
        var calls = _world.Model.Calls.Count;
        await Page.GetByTestId("trial-from").Last.FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page.GetByTestId("trial-kept")).ToHaveCountAsync(2);
        await Assertions.Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        _world.Model.Calls.Skip(calls).Select(call => call.Prompt.Split(':')[0]).Should().Equal("digest");

        // Renamed afterwards, a step keeps what it came to.
        await Page.GetByTestId("step-output-key").FillAsync("summary");
        await Page.GetByTestId("step-output-key").BlurAsync();
        await Assertions.Expect(Page.GetByTestId("step-card").Nth(2)).ToContainTextAsync("summary");
        await Assertions.Expect(Trial("digest")).ToContainTextAsync("Answer of digest in words.");
        await Page.GetByTestId("undo").ClickAsync();

        await using var other = await _world.SignInAsync(Role.Viewer);
        await other.GoAsync("/runs");
        await Assertions.Expect(other.Page.GetByTestId("draft-mark").First).ToContainTextAsync("Draft");
        await other.GoAsync("/runs?draft=false");
        await Assertions.Expect(other.Page.GetByTestId("draft-mark")).ToHaveCountAsync(0);
        await Page.GetByTestId("test-run-close").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("step-trial")).ToHaveCountAsync(0);
        await Assertions.Expect(Page.GetByTestId("test-run")).ToBeFocusedAsync();
        _window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task OneStep_IsPrefilledFromTheLastRun_AndCallsOnlyItself()
    {
        await _world.Api.RunAsync(_world.WorkflowId, "Notes of Monday.");
        var calls = _world.Model.Calls.Count;
        await _window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        await Page.GetByTestId("step-card").Nth(2).ClickAsync();
        await Page.GetByTestId("step-try").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("input-facts")).ToHaveValueAsync("The team met and agreed on three clear steps.");
        await Page.GetByTestId("input-mood").FillAsync("typed by hand");
        await Page.GetByTestId("run-submit").DblClickAsync();

        await Assertions.Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        _world
            .Model.Calls.Skip(calls)
            .Select(call => call.Prompt)
            .Should()
            .Equal("digest: The team met and agreed on three clear steps. typed by hand");
        await Assertions.Expect(Page.GetByTestId("step-trial")).ToHaveCountAsync(1);
        await Assertions.Expect(Trial("digest")).ToContainTextAsync("step only");
        (await _world.Api.SendAsync(HttpMethod.Get, "runs?isDraft=true", null))
            .GetProperty("items")
            .GetArrayLength()
            .Should()
            .Be(1, "a double click starts one run");

        // What was typed for the whole draft, and not sent, is there after a step was tried.
        await Page.GetByTestId("test-run-close").ClickAsync();
        await Page.GetByTestId("test-run").ClickAsync();
        await Page.GetByTestId("input-text").FillAsync("Typed for all steps");
        await Page.GetByTestId("step-try").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("input-mood")).ToBeVisibleAsync();
        await Page.Locator("#test-run-button").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("input-text")).ToHaveValueAsync("Typed for all steps");

        // Once more: what was typed for this step comes before the last run.
        await Page.GetByTestId("step-try").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("input-mood")).ToHaveValueAsync("typed by hand");
        await Page.GetByTestId("run-submit").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        var link = await Page.GetByTestId("test-run-link").GetAttributeAsync("href");
        await _window.GoAsync(link!);
        await Assertions.Expect(Page.GetByTestId("draft-run")).ToContainTextAsync("step digest only");
        _window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task NewWorkflow_IsSavedByItsFirstTry_AndProblemsAreLinked()
    {
        await _window.GoAsync("/workflows/new");
        await Page.GetByTestId("palette-prompt").Filter(new() { HasTextRegex = new Regex("Add mood ") }).First.ClickAsync();
        await Assertions.Expect(Page.GetByTestId("step-card")).ToHaveCountAsync(1);
        await Page.GetByTestId("test-run").ClickAsync();
        await Page.GetByTestId("input-text").FillAsync("Notes.");
        await Page.GetByTestId("run-submit").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("test-run-panel")).ToContainTextAsync("could not be saved");
        await Assertions.Expect(Page.GetByTestId("input-text")).ToHaveValueAsync("Notes.");

        await Page.GetByTestId("open-workflow").ClickAsync();
        await Page.GetByTestId("workflow-name").FillAsync("Tried at once");
        await Page.GetByTestId("workflow-name").BlurAsync();
        await Page.GetByTestId("run-submit").ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/workflows/[0-9a-f-]{36}/edit$"));
        await Assertions.Expect(Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(Page.GetByTestId("step-trial")).ToContainTextAsync("The team met");

        await Page.GetByTestId("step-card").First.ClickAsync();
        await Page.GetByTestId("mapping-expression").FillAsync("txet");
        await Assertions.Expect(Page.GetByTestId("problem")).ToHaveCountAsync(1);
        await Page.GetByTestId("test-run-again").ClickAsync();
        await Page.GetByTestId("run-submit").ClickAsync();
        await Page.GetByTestId("test-run-problem").ClickAsync();
        await Assertions.Expect(Page.Locator("#field-steps-0-inputMapping-text")).ToBeFocusedAsync();
        _window.AssertClean();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 375)]
    [Trait("Category", "Soak")]
    public async Task Panel_OpenAndStreaming_IsAccessibleAndFits(ColorScheme theme, int width)
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call =>
            FakeAnswer.Of(
                $"## {call.Prompt.Split(':')[0]}\n\n- The **release** moves to Friday.\n- Ann ships the report; Bob books the "
                    + "room.\n\nThat is all there is to say about it."
            ) with
            {
                Gate = call.Prompt.StartsWith("mood", StringComparison.Ordinal) ? gate.Task : null,
                GateAfter = 12,
            };
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, width, 900, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        await window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        var name = $"{theme.ToString().ToLowerInvariant()}-{width}";
        await window.Page.GetByTestId("test-run").ClickAsync();
        await window.Page.GetByTestId("input-text").FillAsync("Notes of Monday: the release moves to Friday.");
        await window.ScreenshotAsync($"designer-test-form-{name}");
        var found = new List<string>(await window.CheckAccessibilityAsync());
        await window.Page.GetByTestId("run-submit").ClickAsync();
        await Assertions
            .Expect(window.Page.Locator("[data-testid=step-trial][data-step=facts]"))
            .ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(window.Page.Locator("[data-testid=step-trial][data-step=mood]")).ToContainTextAsync("Ann");
        await window.ScreenshotAsync($"designer-test-live-{name}");
        found.AddRange(await window.CheckAccessibilityAsync());
        gate.SetResult();
        await Assertions.Expect(window.Page.GetByTestId("test-run-status")).ToHaveAttributeAsync("data-status", "succeeded");
        await window.ScreenshotAsync($"designer-test-done-{name}");
        found.AddRange(await window.CheckAccessibilityAsync());
        (await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .Should()
            .Be(0);
        found.Should().BeEmpty();
    }

    private ILocator Trial(string step) => Page.Locator($"[data-testid=step-trial][data-step={step}]");
}
