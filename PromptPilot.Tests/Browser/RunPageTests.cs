using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A run as people watch it.</summary>
public sealed class RunPageTests(Chrome chrome, SharedPortalWithReceivers portal) : IClassFixture<SharedPortalWithReceivers>, IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome, portal);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Run_FromTheForm_ShowsTokensBeforeTheStepEnds()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call =>
            FakeAnswer.Of("Four words come first and the rest comes later.") with
            {
                Gate = gate.Task,
                GateAfter = 4,
            };
        var window = await _world.SignInAsync(Role.Collaborator);

        await window.GoAsync($"/workflows/{_world.WorkflowId}/run");
        await window.Page.GetByTestId("input-text").FillAsync("The notes of Monday.");
        await window.Page.GetByTestId("run-submit").ClickAsync();

        await Assertions.Expect(Step(window, "facts")).ToContainTextAsync("Four words come first");
        await Assertions.Expect(Step(window, "mood")).ToContainTextAsync("Four words come first");
        await Assertions.Expect(Step(window, "facts")).ToHaveAttributeAsync("data-status", "running");
        await Assertions.Expect(Step(window, "facts")).Not.ToContainTextAsync("the rest comes later");
        gate.SetResult();
        await Assertions.Expect(Status(window)).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(Step(window, "digest")).ToContainTextAsync("and the rest comes later.");
        window.AssertClean();
    }

    [Fact]
    public async Task Run_RefreshedInMidStream_LosesNothing()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call => FakeAnswer.Of("alpha beta gamma delta epsilon zeta.") with { Gate = gate.Task, GateAfter = 3 };
        var window = await _world.SignInAsync(Role.Collaborator);
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);
        await window.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Output(window, "facts")).ToContainTextAsync("alpha beta gamma");

        await window.Page.ReloadAsync();

        await Assertions.Expect(Output(window, "facts")).ToContainTextAsync("alpha beta gamma");
        gate.SetResult();
        await Assertions.Expect(Status(window)).ToHaveAttributeAsync("data-status", "succeeded");
        await window.Page.GetByTestId("open-all").ClickAsync();
        foreach (var step in new[] { "facts", "mood", "digest" })
        {
            await Assertions.Expect(Output(window, step)).ToContainTextAsync("alpha beta gamma delta epsilon zeta.");
        }

        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Run_InTwoWindows_ShowsTheSameText()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call =>
            FakeAnswer.Of("# Title\n\nOne paragraph with **bold** words and then more.") with
            {
                Gate = gate.Task,
                GateAfter = 5,
            };
        var first = await _world.SignInAsync(Role.Collaborator);
        var second = await _world.SignInAsync(Role.Viewer);
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);
        await first.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Output(first, "facts")).ToContainTextAsync("One paragraph");
        await second.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Output(second, "facts")).ToContainTextAsync("One paragraph");

        gate.SetResult();

        await Assertions.Expect(Status(first)).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(Status(second)).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(Output(first, "digest")).ToContainTextAsync("and then more.");
        await Assertions.Expect(Output(second, "digest")).ToContainTextAsync("and then more.");
        await first.Page.GetByTestId("open-all").ClickAsync();
        await second.Page.GetByTestId("open-all").ClickAsync();
        foreach (var step in new[] { "facts", "mood", "digest" })
        {
            (await Output(second, step).Locator("[data-testid=markdown]").InnerHTMLAsync())
                .Should()
                .Be(await Output(first, step).Locator("[data-testid=markdown]").InnerHTMLAsync());
        }
    }

    [Fact]
    public async Task LiveText_IsFollowedUntilTheReaderScrollsUp_AndKeysGoFromStepToStep()
    {
        var words = new[] { "facts", "mood", "digest" }.ToDictionary(
            step => step,
            step => string.Concat(Enumerable.Range(1, 150).Select(line => $"{step} line {line}\n\n"))
        );
        var gates = new Dictionary<string, TaskCompletionSource> { ["digest"] = new() };
        _world.Model.Script = call =>
            call.Prompt.Split(':')[0] is var step && step == "digest"
                ? FakeAnswer.Of(words[step]) with
                {
                    TokenDelay = TimeSpan.FromMilliseconds(4),
                    Gate = gates[step].Task,
                    GateAfter = 400,
                }
                : FakeAnswer.Of(words[step]);
        var window = await _world.SignInAsync(Role.Collaborator);
        var page = window.Page;
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);
        await window.GoAsync($"/runs/{runId}");

        // The end of what is being written stays in sight.
        await Assertions.Expect(Output(window, "digest")).ToContainTextAsync("digest line 100");
        await Assertions.Expect(Output(window, "digest").GetByText("digest line 130", new() { Exact = true })).ToBeInViewportAsync();

        // Who scrolls up reads on there, whatever is written meanwhile.
        await page.Mouse.MoveAsync(700, 400);
        await page.Mouse.WheelAsync(0, -1500);
        await Assertions.Expect(page.GetByTestId("jump-to-live")).ToBeVisibleAsync();
        var read = await page.EvaluateAsync<double>("() => scrollY");
        gates["digest"].SetResult();
        await Assertions.Expect(Output(window, "digest")).ToContainTextAsync("digest line 140");
        (await page.EvaluateAsync<double>("() => scrollY")).Should().BeApproximately(read, 3);
        await Assertions.Expect(Status(window)).ToHaveAttributeAsync("data-status", "succeeded");

        // j and k go to the next step and back, o opens and folds it.
        await page.EvaluateAsync("() => document.activeElement.blur()");
        await page.Keyboard.PressAsync("j");
        var first = await FocusedStepAsync(page);
        await page.Keyboard.PressAsync("j");
        var second = await FocusedStepAsync(page);
        second.Should().NotBe(first);
        await page.Keyboard.PressAsync("k");
        (await FocusedStepAsync(page)).Should().Be(first);
        await page.Keyboard.PressAsync("j");
        var toggle = Step(window, second!).Locator("[data-step-toggle]");
        var before = await toggle.GetAttributeAsync("aria-expanded");
        await page.Keyboard.PressAsync("o");
        await Assertions.Expect(toggle).ToHaveAttributeAsync("aria-expanded", before == "true" ? "false" : "true");
        await Assertions.Expect(toggle).ToBeFocusedAsync();
        window.AssertClean();
    }

    private static Task<string?> FocusedStepAsync(IPage page) =>
        page.EvaluateAsync<string?>("() => document.activeElement.closest('[data-step-card]')?.dataset.step");

    [Fact]
    public async Task Cancel_WhileStreaming_EndsTheRunAndTheCalls()
    {
        _world.Model.Script = call => FakeAnswer.Of("a few words") with { Ending = FakeEnding.Stall };
        var window = await _world.SignInAsync(Role.Collaborator);
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);
        await window.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Output(window, "facts")).ToContainTextAsync("a few words");

        await window.Page.GetByTestId("cancel").ClickAsync();
        await ConfirmAsync(window);

        await Assertions.Expect(Status(window)).ToHaveAttributeAsync("data-status", "cancelled");
        await _world.Model.WaitAsync(model => model.Aborted == 2, TestContext.Current.CancellationToken);
        (await _world.Api.FindAsync(runId)).Text("status").Should().Be("cancelled");
    }

    [Fact]
    public async Task Rate_AnOutput_IsKeptAndShownToOthers()
    {
        var window = await _world.SignInAsync(Role.Collaborator);
        var run = await _world.Api.RunAsync(_world.WorkflowId);
        var runId = run.Text("id");
        await window.GoAsync($"/runs/{runId}");
        var rating = Step(window, "digest").GetByTestId("output-rating");

        await rating.Locator("label").Nth(3).ClickAsync();
        await Assertions.Expect(rating.GetByTestId("rating-average")).ToContainTextAsync("4");
        await rating.GetByTestId("comment").ClickAsync();
        await rating.GetByTestId("comment-text").FillAsync("Right, but long");
        await rating.GetByTestId("feedback-save").ClickAsync();
        await Assertions.Expect(rating).ToContainTextAsync("Right, but long");

        var other = await _world.SignInAsync(Role.Viewer);
        await other.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Step(other, "digest").GetByTestId("output-rating")).ToContainTextAsync("Right, but long");
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Viewer_MayLook_ButNotRunCancelOrRate()
    {
        var gate = new TaskCompletionSource();
        _world.Model.Script = call => FakeAnswer.Of("some words here") with { Gate = gate.Task, GateAfter = 2 };
        var viewer = await _world.SignInAsync(Role.Viewer);
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);

        await viewer.GoAsync($"/runs/{runId}");
        await Assertions.Expect(Output(viewer, "facts")).ToContainTextAsync("some words");
        await Assertions.Expect(viewer.Page.GetByTestId("cancel")).ToHaveCountAsync(0);
        gate.SetResult();
        await Assertions.Expect(Status(viewer)).ToHaveAttributeAsync("data-status", "succeeded");
        await Assertions.Expect(viewer.Page.GetByTestId("rating")).ToHaveCountAsync(0);
        await Assertions.Expect(viewer.Page.GetByTestId("run-again")).ToHaveCountAsync(0);
        await viewer.GoAsync($"/workflows/{_world.WorkflowId}/run");
        await Assertions.Expect(viewer.Page.GetByTestId("empty")).ToBeVisibleAsync();
        await Assertions.Expect(viewer.Page.GetByTestId("run-submit")).ToHaveCountAsync(0);
    }

    private static ILocator Step(BrowserWindow window, string key) => window.Page.Locator($"[data-testid=step-card][data-step={key}]");

    private static ILocator Output(BrowserWindow window, string key) => Step(window, key).GetByTestId("step-output");

    private static ILocator Status(BrowserWindow window) => window.Page.GetByTestId("run-status");

    private static async Task ConfirmAsync(BrowserWindow window)
    {
        var yes = window.Page.GetByTestId("confirm-yes");
        await yes.Or(window.Page.Locator("[data-testid=run-status][data-status=cancelled]")).First.WaitForAsync();
        if (await yes.IsVisibleAsync())
        {
            await yes.ClickAsync();
        }
    }
}
