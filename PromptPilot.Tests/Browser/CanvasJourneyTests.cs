using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The canvas by pointer and keys: drops, ports, what is refused, undo of each, at any zoom, by mouse and by touch.</summary>
public sealed class CanvasJourneyTests(CanvasJourneyTests.World world) : IClassFixture<CanvasJourneyTests.World>, IAsyncLifetime
{
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    private CanvasHand Hand => new(_window);

    private ILocator Cards => Page.GetByTestId("step-card");

    private ILocator Said => Page.GetByTestId("designer-said");

    public async ValueTask InitializeAsync() => _window = await world.Browser.SignInAsync(Role.Architect);

    public ValueTask DisposeAsync() => _window.DisposeAsync();

    [Theory]
    [InlineData(50, Traits = new[] { "Category", "Soak" })]
    [InlineData(200)]
    public async Task Drags_MeanDataFlow_AtAnyZoom_AndEachIsUndone(int zoom)
    {
        await Hand.OpenAsync("/workflows/new");
        await Page.GetByTestId("workflow-name").FillAsync($"Dragged at {zoom}");

        // Blank starts in parallel, a step is read, a line takes it in between: said before the drop.
        await Hand.DragAsync(Hand.Prompt("Alpha"), await Hand.BlankAsync(), "Start in parallel", "text ← text");
        await Assertions.Expect(Cards).ToHaveCountAsync(1);
        await ZoomAsync(zoom, Hand.Card("alpha"));
        await Hand.DragAsync(Hand.Prompt("Beta"), await Hand.BlankAsync(), "Start in parallel", "text ← text");
        await Assertions.Expect(Cards).ToHaveCountAsync(2);
        await ZoomAsync(zoom, Hand.Card("beta"));
        await Hand.DragAsync(
            Hand.Prompt("Gamma"),
            await CanvasHand.CenterAsync(Hand.Card("beta")),
            "Read output",
            "alpha ← alpha, beta ← beta"
        );
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await Assertions.Expect(Page.GetByTestId("canvas-line")).ToHaveCountAsync(4);
        await ZoomAsync(zoom, Hand.Card("gamma"), Hand.Card("beta"));
        await Hand.DragAsync(Hand.Prompt("Beta"), await LineAsync("beta", "gamma"), "Insert between", "text ← beta · gamma.beta ← beta_2");
        await Assertions.Expect(Cards).ToHaveCountAsync(4);
        await Assertions.Expect(Said).ToHaveTextAsync("Beta is step 3. text ← beta · gamma.beta ← beta_2.");

        // A port is dragged onto a variable, or, where a step runs before, is refused.
        await ZoomAsync(zoom, Hand.Card("beta_2"), Hand.Card("alpha").Locator("[data-port]"));
        await Hand.DragAsync(
            Hand.Card("alpha").Locator("[data-port]"),
            await CanvasHand.CenterAsync(Hand.Card("beta_2")),
            "alpha → text",
            ""
        );
        await Assertions.Expect(Said).ToHaveTextAsync("beta_2 reads alpha as text.");
        await ZoomAsync(zoom, Hand.Card("beta_2"), Hand.Card("gamma").Locator("[data-port]"));
        await Hand.DragAsync(
            Hand.Card("gamma").Locator("[data-port]"),
            await CanvasHand.CenterAsync(Hand.Card("beta_2")),
            "Cannot drop here",
            "runs before gamma"
        );
        await Assertions.Expect(Page.GetByTestId("canvas-hint")).ToHaveTextAsync("beta_2 runs before gamma, which reads it.");

        foreach (var cards in new[] { 4, 3, 2, 1, 0 })
        {
            await Page.GetByTestId("undo").ClickAsync();
            await Assertions.Expect(Cards).ToHaveCountAsync(cards);
        }

        _window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ZoomAndPan_SendNothingToTheServer_AndEscapeEndsADrag()
    {
        var sent = 0;
        Page.WebSocket += (_, socket) => socket.FrameSent += (_, _) => Interlocked.Increment(ref sent);
        await Hand.OpenAsync($"/workflows/{world.Browser.WorkflowId}/edit");
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await CanvasHand.CenterAsync(Hand.Card("digest"));
        var blank = await Hand.BlankAsync();
        var before = await WorldAsync();
        var quiet = Volatile.Read(ref sent);

        await Page.Mouse.MoveAsync(blank.X, blank.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(blank.X - 60, blank.Y - 40, new() { Steps = 20 });
        await Page.Mouse.UpAsync();
        await Page.Mouse.WheelAsync(30, 40);
        await Page.WaitForFunctionAsync("before => document.querySelector('[data-world]').style.transform !== before", before);
        await Page.GetByTestId("zoom-fit").ClickAsync();
        var sentWhileMoving = Volatile.Read(ref sent) - quiet;
        sentWhileMoving.Should().BeLessThanOrEqualTo(2, "moves of the pointer stay in the browser; only pings go out");

        await Hand.Prompt("Beta").HoverAsync();
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(blank.X, blank.Y, new() { Steps = 4 });
        await Assertions.Expect(Page.GetByTestId("canvas-ghost")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(Page.GetByTestId("canvas-ghost")).ToBeHiddenAsync();
        await Page.Mouse.UpAsync();
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        _window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Keys_GoBetweenCards_CopyToAnotherWorkflow_AndDelete()
    {
        await Hand.OpenAsync($"/workflows/{world.Browser.WorkflowId}/edit");
        await Hand.Card("facts").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(Hand.Card("digest")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Control+ArrowUp");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page.GetByTestId("line-inspector")).ToContainTextAsync("digest");
        await Hand.Card("facts").FocusAsync();
        await Page.Keyboard.PressAsync("Control+a");
        await Assertions.Expect(Page.GetByTestId("selection-inspector")).ToContainTextAsync("3 steps selected");
        var found = new List<string>(await _window.CheckAccessibilityAsync());
        await Page.Keyboard.PressAsync("Control+c");
        await Page.WaitForFunctionAsync("() => localStorage.getItem('pilot-steps')?.includes('digest')");
        await Page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(Cards).ToHaveCountAsync(0);
        await Assertions.Expect(Page.GetByTestId("undo")).ToBeEnabledAsync();
        await Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await Hand.Card("mood").FocusAsync();
        await Page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(Cards).ToHaveCountAsync(2);
        await Assertions.Expect(Hand.Card("digest")).ToBeFocusedAsync();

        await Hand.OpenAsync("/workflows/new");
        await Page.GetByTestId("canvas-paste").ClickAsync();
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await Assertions.Expect(Page.GetByTestId("canvas-line")).ToHaveCountAsync(4);
        await Page.GetByTestId("canvas-label").Filter(new() { HasText = "mood" }).ClickAsync();
        await Assertions.Expect(Page.GetByTestId("line-expression")).ToHaveTextAsync("mood");
        found.AddRange(await _window.CheckAccessibilityAsync());
        found.Should().BeEmpty();
        _window.AssertClean();
    }

    [Fact]
    public async Task Touch_LongPressDragsAPrompt_AndASwipeDoesNot()
    {
        await Hand.OpenAsync("/workflows/new");
        var target = await Hand.BlankAsync();
        await TouchAsync(Hand.Prompt("Alpha"), target, hold: false);
        await Assertions.Expect(Page.GetByTestId("canvas-ghost")).ToBeHiddenAsync();
        await TouchAsync(Hand.Prompt("Alpha"), target, hold: true);
        await Assertions.Expect(Cards).ToHaveCountAsync(1);
        _window.AssertClean();
    }

    /// <summary>Zooms, and brings what is named to the middle.</summary>
    private async Task ZoomAsync(int percent, params ILocator[] shown)
    {
        await CanvasHand.CenterAsync(shown[0]);
        await shown[0]
            .EvaluateAsync(
                """
                (element, target) => {
                  const view = element.closest("[data-viewport]"), frame = view.getBoundingClientRect();
                  const now = Number(/scale\(([\d.]+)\)/.exec(view.querySelector("[data-world]").style.transform)[1]);
                  const [clientX, clientY] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
                  const deltaY = -Math.log(target / 100 / now) / 0.002;
                  view.dispatchEvent(new WheelEvent("wheel", { cancelable: true, clientX, clientY, ctrlKey: true, deltaY }));
                }
                """,
                percent
            );
        await Assertions.Expect(Page.GetByTestId("zoom-level")).ToHaveTextAsync($"{percent}%");
        var places = new List<(float X, float Y)>();
        foreach (var element in shown)
        {
            places.Add(await CanvasHand.CenterAsync(element));
        }

        await Page.Locator("[data-viewport]")
            .EvaluateAsync(
                """
                (view, [x, y]) => {
                  const frame = view.getBoundingClientRect();
                  const [deltaX, deltaY] = [x - frame.x - frame.width / 2, y - frame.y - frame.height / 2];
                  view.dispatchEvent(new WheelEvent("wheel", { cancelable: true, deltaX, deltaY }));
                }
                """,
                new[] { (double)places.Average(place => place.X), places.Average(place => place.Y) }
            );
    }

    private async Task<(float X, float Y)> LineAsync(string from, string to)
    {
        var (source, reader) = (await Hand.Card(from).GetAttributeAsync("data-node"), await Hand.Card(to).GetAttributeAsync("data-node"));
        return await CanvasHand.CenterAsync(Page.Locator($"[data-line='{source}>{reader}'] .reach"));
    }

    private static async Task TouchAsync(ILocator from, (float X, float Y) to, bool hold)
    {
        var start = await CanvasHand.CenterAsync(from);
        await from.EvaluateAsync(
            """
            async (element, [x, y, toX, toY, hold]) => {
              const frame = () => new Promise(requestAnimationFrame);
              const finger = { bubbles: true, cancelable: true, pointerId: 7, pointerType: "touch", isPrimary: true, button: 0, buttons: 1 };
              const send = (type, clientX, clientY) => element.dispatchEvent(new PointerEvent(type, { ...finger, clientX, clientY }));
              element.setPointerCapture = element.releasePointerCapture = () => {};
              send("pointerdown", x, y);
              const lifted = () => !document.querySelector("[data-ghost]").hidden;
              for (const start = performance.now(); hold && !lifted() && performance.now() - start < 5000; ) await frame();
              for (let i = 1; i <= 8; i++) { send("pointermove", x + (toX - x) * i / 8, y + (toY - y) * i / 8); await frame(); }
              send("pointerup", toX, toY);
            }
            """,
            new object[] { (double)start.X, (double)start.Y, (double)to.X, (double)to.Y, hold }
        );
    }

    [Fact]
    public async Task Navigation_IsFoldedFromTheFirstPaint_UntilItIsUnfolded()
    {
        var label = Page.Locator("#navigation .label").First;
        await _window.GotoAsync("/");
        await Assertions.Expect(label).ToBeVisibleAsync();
        await Hand.OpenAsync("/workflows/new");
        await Assertions.Expect(label).ToBeHiddenAsync();
        (await Page.EvaluateAsync<string>("async () => (await fetch(location.href)).text()")).Should().Contain("class=\"frame wide\"");

        await Page.Locator("[data-nav-toggle]").ClickAsync();
        await Assertions.Expect(label).ToBeVisibleAsync();
        await Page.Locator("[data-nav-toggle]").ClickAsync();
        await Assertions.Expect(label).ToBeHiddenAsync();
    }

    private Task<string> WorldAsync() => Page.Locator("[data-world]").EvaluateAsync<string>("world => world.style.transform");

    /// <summary>One portal for the class.</summary>
    public sealed class World(Chrome chrome) : IAsyncLifetime
    {
        internal BrowserWorld Browser { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Browser = await BrowserWorld.CreateAsync(chrome);
            foreach (var (name, content) in new[] { ("Alpha", "{{ text }}"), ("Beta", "{{ text }}"), ("Gamma", "{{ alpha }} {{ beta }}") })
            {
                await Browser.Api.SendAsync(HttpMethod.Post, "prompts", new { name, content });
            }
        }

        public ValueTask DisposeAsync() => Browser.DisposeAsync();
    }
}
