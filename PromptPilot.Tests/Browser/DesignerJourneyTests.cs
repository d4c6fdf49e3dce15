using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>Putting workflows together in the designer: by keyboard, on a phone, and with a hundred steps.</summary>
public sealed class DesignerJourneyTests(Chrome chrome) : IAsyncLifetime
{
    /// <summary>
    /// Milliseconds from an act until a frame with its result is painted; a negative number when that takes more than ten seconds.
    /// </summary>
    private const string Timed = """
        const timed = (act, isDone) => new Promise(done => {
          const start = performance.now();
          const look = () => isDone() ? setTimeout(() => done(performance.now() - start)) : performance.now() - start > 10000 ? done(-1) : requestAnimationFrame(look);
          act();
          requestAnimationFrame(look);
        });
        """;

    private BrowserWorld _world = null!;
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    private ILocator Cards => Page.GetByTestId("outline-card");

    public async ValueTask InitializeAsync()
    {
        _world = await BrowserWorld.CreateAsync(chrome);
        _window = await _world.SignInAsync(Role.Architect);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Keyboard_Alone_AddsMovesMapsUndoesAndPublishes()
    {
        await _window.GoAsync("/workflows/new");
        await Page.WaitForFunctionAsync("() => document.querySelector('[data-world]')?.style.transform");
        await Page.GetByTestId("workflow-name").FocusAsync();
        await Page.Keyboard.TypeAsync("Typed");
        foreach (var name in new[] { "digest", "facts", "mood" })
        {
            await Page.GetByTestId("tab-palette").FocusAsync();
            var count = await Cards.CountAsync();
            await Prompt(name).FocusAsync();
            await Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(Cards).ToHaveCountAsync(count + 1);
        }

        await Page.GetByTestId("tab-palette").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(Cards.First).ToBeVisibleAsync();
        await Cards.Nth(0).FocusAsync();
        await Page.Keyboard.PressAsync("Alt+ArrowDown");
        await Assertions.Expect(Cards.Nth(1)).ToContainTextAsync("digest");
        await Assertions.Expect(Cards.Nth(1)).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Alt+ArrowDown");
        await Assertions.Expect(Cards.Nth(2)).ToContainTextAsync("digest");
        await Assertions.Expect(Cards.Nth(2)).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(Cards).ToHaveCountAsync(2);
        await Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await Page.Keyboard.PressAsync("Control+Shift+Z");
        await Assertions.Expect(Cards).ToHaveCountAsync(2);
        await Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(Cards).ToHaveCountAsync(3);
        await Cards.Nth(2).FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page.Locator("#inspector")).ToBeFocusedAsync();
        for (var row = 0; row < 2; row++)
        {
            var field = Page.GetByTestId("mapping-expression").Nth(row);
            await field.FocusAsync();
            await Page.Keyboard.TypeAsync(row == 0 ? "fac" : "moo");
            await Assertions.Expect(Page.GetByTestId("completion").First).ToBeVisibleAsync();
            await Page.Keyboard.PressAsync("ArrowDown");
            await Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(field).ToHaveValueAsync(new Regex(row == 0 ? "^facts" : "^mood"));
        }

        await Assertions.Expect(Page.GetByTestId("problems")).ToContainTextAsync("Ready to publish");
        await Page.GetByTestId("publish").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/workflows/[0-9a-f-]{36}$"));
        _window.AssertClean();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    [Trait("Category", "Soak")]
    public async Task Phone_OpensPaletteAndInspectorAsSheets(ColorScheme theme)
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, 375, 800, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        await _world.Api.RunAsync(_world.WorkflowId, "Notes of Monday.");
        await window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        var page = window.Page;
        await page.GetByTestId("outline-card").Nth(1).ClickAsync();
        await Assertions.Expect(page.GetByTestId("mapping-sample")).ToContainTextAsync("Notes of Monday.");
        await window.ScreenshotAsync($"designer-inspector-{theme.ToString().ToLowerInvariant()}-375");
        var found = new List<string>(await window.CheckAccessibilityAsync());
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("mapping-sample")).ToBeHiddenAsync();
        await page.GetByTestId("outline-add").ClickAsync();
        await Assertions.Expect(page.GetByTestId("palette-prompt").First).ToBeVisibleAsync();
        await window.ScreenshotAsync($"designer-palette-{theme.ToString().ToLowerInvariant()}-375");
        found.AddRange(await window.CheckAccessibilityAsync());
        await page.GetByTestId("palette-prompt").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("outline-card")).ToHaveCountAsync(4);
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")).Should().Be(0);
        found.Should().BeEmpty();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    [Trait("Category", "Soak")]
    public async Task Step_Selected_WithSamplesAndProblems_IsAccessible(ColorScheme theme)
    {
        await using var window = await chrome.OpenAsync(_world.Portal.BaseAddress, 1280, 900, theme);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        await _world.Api.RunAsync(_world.WorkflowId, "Notes of Monday.");
        await window.GoAsync($"/workflows/{_world.WorkflowId}/edit");
        var page = window.Page;
        await page.GetByTestId("step-card").Nth(2).ClickAsync();
        await page.GetByTestId("mapping-expression").First.FillAsync("factz");
        await Assertions.Expect(page.GetByTestId("problem")).ToHaveCountAsync(1);
        await page.GetByTestId("mapping-expression").Last.FillAsync("m");
        await Assertions.Expect(page.GetByTestId("completion").First).ToBeVisibleAsync();
        await window.ScreenshotAsync($"designer-step-{theme.ToString().ToLowerInvariant()}-1280");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Completion_OffersWhatFitsThere_AndReplacesTheWordAroundTheCaret()
    {
        await _window.GoAsync("/prompts");
        var wrong = await Page.EvaluateAsync<string[]>(
            """
            async () => {
              const { find } = await import("/js/complete.js");
              const known = { keys: [["text", "input"], ["summary", "step 1"]], filters: ["capitalize", "upcase"], parts: ["house-style", "legal note"] };
              const wrong = [];
              // | is the caret; what is expected is the words, or with > the whole text once the first is taken.
              const check = (kind, typed, expected) => {
                const caret = typed.indexOf("¦"), text = typed.replace("¦", "");
                const found = find(kind, text, caret, known), first = found.items[0];
                const is = expected.startsWith(">")
                  ? ">" + (first ? text.slice(0, found.start) + first.text + text.slice(found.end) : "nothing")
                  : found.items.map((item) => item.word).join();
                if (is !== expected) wrong.push(`${kind} ${typed}: ${is} instead of ${expected}`);
              };
              for (const [typed, expected] of [
                ["¦", "text,summary"], ["su¦", "summary"], ["text | upc¦", "upcase"], ["text | default: su¦", "summary"], ["'in a text su¦", ""],
                ["summary¦", ""], ["text su¦", ""], ["'te¦' | upcase", ""], ["text == 'a' and su¦", "summary"], ["su¦ | upcase", ">summary | upcase"],
                ["su¦, text", ">summary, text"], ["text | up¦ | truncate: 5", ">text | upcase | truncate: 5"], ["summ¦.x | upcase", "summary"],
                ["text | default: su¦ | upcase", ">text | default: summary | upcase"],
              ]) check("expression", typed, expected);
              for (const [typed, expected] of [
                ["Hello te¦", ""], ["{{ te¦", ">{{ text }}"], ["{{ te¦ }} and", ">{{ text }} and"], ["{{te¦}}", ">{{text}}"], ["{{ text }} te¦", ""],
                ["{{ text | cap¦", ">{{ text | capitalize }}"], ["{% inc¦", ">{% include \""], ["{% include \"ho¦", ">{% include \"house-style\" %}"],
                ["{% include 'leg¦' %}", ">{% include 'legal note' %}"], ["{% if su¦", ">{% if summary %}"], ["{% if text == 'su¦", ""],
                ["{% assign a = te¦", ">{% assign a = text %}"], ["{% for item in te¦", ">{% for item in text %}"],
                ["{% for part in text %}{{ pa¦", ">{% for part in text %}{{ part }}"], ["{{ ¦", "text,summary"], ["{%- if te¦ -%}", ">{%- if text -%}"],
              ]) check("template", typed, expected);
              // The first is taken by Enter alone in templates, unless the word is complete.
              for (const [kind, typed, first] of [["template", "{{ ", 0], ["template", "{{ te", 0], ["template", "{% inc", 0],
                ["template", "{{ su", 0], ["expression", "te", -1]]) {
                if (find(kind, typed, typed.length, known).first !== first) wrong.push(`${kind} ${typed}: not ${first}`);
              }
              const more = { ...known, keys: [...known.keys, ["texts", "input"]] };
              if (find("template", "{{ text", 7, more).first !== -1) wrong.push("a complete word is replaced");
              const long = "{{ " + "a.b ".repeat(100000), from = performance.now();
              find("template", long, long.length, known);
              find("expression", long, long.length, known);
              if (performance.now() - from > 500) wrong.push("a long text took " + (performance.now() - from));
              return wrong;
            }
            """
        );

        wrong.Should().BeEmpty();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task HundredSteps_AnswerAKeystrokeAtOnce()
    {
        var workflow = await _world.Api.AddWorkflowAsync(
            _world.ProfileId,
            [.. Enumerable.Range(1, 100).Select(i => ($"s{i}", i <= 10 ? new[] { "text" } : [$"s{i - 10}"]))]
        );
        await _window.GoAsync($"/workflows/{workflow}/edit");
        await Page.GetByTestId("tab-outline").ClickAsync();
        await Cards.Nth(50).ClickAsync();
        var field = Page.GetByTestId("mapping-expression");
        await Assertions.Expect(field).ToHaveValueAsync("s41");
        await field.FocusAsync();

        // Until the completions of the new text are painted, and until the server has moved a step.
        var keys = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            await field.FillAsync("");
            await Assertions.Expect(Page.GetByTestId("completion").First).ToContainTextAsync("text");
            keys.Add(
                await Page.EvaluateAsync<double>(
                    "() => {"
                        + Timed
                        + """
                        return (() => {
                          const found = document.querySelector("[data-testid=mapping-expression]"), list = document.querySelector("#completions");
                          const input = found.matches("input") ? found : found.querySelector("input");
                          return timed(() => {
                            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, "s4");
                            input.dispatchEvent(new Event("input", { bubbles: true }));
                          }, () => list.querySelector("li code")?.textContent.startsWith("s4"));
                        })(); }
                        """
                )
            );
        }

        var moves = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            moves.Add(
                await Page.EvaluateAsync<double>(
                    "() => {"
                        + Timed
                        + """
                        return (() => {
                          const card = document.querySelectorAll("[data-testid=outline-card]")[50], next = document.querySelectorAll("[data-testid=outline-card]")[51];
                          return timed(() => card.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", altKey: true, bubbles: true })), () => document.querySelectorAll("[data-testid=outline-card]")[50].id === next.id);
                        })(); }
                        """
                )
            );
        }

        Figures.Tell(
            $"designer, 100 steps: keystroke to paint median {Figures.Median(keys):0} ms, p95 {Figures.P95(keys):0} ms; move ",
            $"of a step median {Figures.Median(moves):0} ms, p95 {Figures.P95(moves):0} ms"
        );
        keys.Concat(moves).Should().OnlyContain(time => time > 0, "each was answered");
        Figures.Median(keys).Should().BeLessThan(1_000, "a busy machine takes several times the aim of 100");
        Figures.Median(moves).Should().BeLessThan(1_000, "a busy machine takes several times the aim of 100");
    }

    private ILocator Prompt(string name) =>
        Page.GetByTestId("palette-prompt").Filter(new() { HasTextRegex = new Regex($"Add {name} ") }).First;
}
