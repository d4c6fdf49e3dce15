using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A prompt from the first letter to production, as its author sees it.</summary>
public sealed class PromptJourneyTests(Chrome chrome) : IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Author_WritesSavesComparesAndLabels()
    {
        var window = await _world.SignInAsync(Role.Architect);
        var page = window.Page;
        await window.GoAsync("/prompts/new");
        await page.GetByTestId("prompt-name").FillAsync("Weekly digest");
        var content = page.GetByTestId("prompt-content");

        // A mistake is underlined at its place, and said with line and column.
        await content.PressSequentiallyAsync("Write {{ notes }} for {{ audience }}\nin {{ tone | nope }}.");
        await Expect(page.GetByTestId("prompt-content-error")).ToContainTextAsync("Line 2, column");
        await Expect(page.Locator(".template-editor .liquid-error").First).ToHaveTextAsync("nope");
        await window.ScreenshotAsync("prompt-error");
        await page.GetByRole(AriaRole.Button, new() { Name = "Line 2" }).ClickAsync();
        (await content.EvaluateAsync<int>("area => area.selectionStart"))
            .Should()
            .Be("Write {{ notes }} for {{ audience }}\nin {{ tone | ".Length);
        await content.FillAsync("Write {{ notes }} for {{ audience }}\nin {{ tone }}.");
        await Expect(page.GetByTestId("prompt-content-error")).ToHaveCountAsync(0);
        await page.GetByTestId("example-notes").FillAsync("ten parcels");
        await page.GetByTestId("example-audience").FillAsync("the board");
        await page.GetByTestId("example-tone").FillAsync("plain words");
        await Expect(page.GetByTestId("preview-text")).ToHaveTextAsync("Write ten parcels for the board\nin plain words.");
        await Expect(page.GetByTestId("tokens")).ToContainTextAsync("tokens");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.0.0");
        var promptId = new Uri(page.Url).AbsolutePath.Split('/')[^1];

        // A workflow follows production.
        await _world.Api.SendAsync(HttpMethod.Put, $"prompts/{promptId}/labels/production", new { version = "1.0.0" });
        var workflow = await _world.Api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = "Digest of the week",
                inputs = new[] { new { name = "text", type = "text" } },
                steps = new[]
                {
                    new
                    {
                        promptId,
                        promptLabel = "production",
                        model = _world.ProfileId,
                        inputMapping = new
                        {
                            notes = "text",
                            audience = "'all'",
                            tone = "'short'",
                        },
                        outputKey = "digest",
                        order = 1,
                    },
                },
            }
        );
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);

        // The next version needs one more variable and drops one: its number and the reason are said before it is saved.
        await window.GoAsync($"/prompts/{promptId}");
        await content.FillAsync("Write {{ notes }} for {{ audience }}\nin {{ words }} words.");
        await Expect(page.GetByTestId("version-step")).ToHaveTextAsync("1.0.0 → 2.0.0: variable “tone” removed → major");
        await page.GetByTestId("unsaved-diff").ClickAsync();
        await Expect(page.GetByTestId("diff-inline").First).ToContainTextAsync("words");
        await page.GetByTestId("prompt-message").FillAsync("Count words instead of tone");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("2.0.0");

        await page.GetByTestId("tab-versions").ClickAsync();
        await Expect(page.GetByTestId("version-2.0.0")).ToContainTextAsync("Count words instead of tone");
        await page.GetByTestId("changed-2.0.0").ClickAsync();
        await Expect(page.Locator("[data-testid=versions] ins").First).ToContainTextAsync("words");
        await Expect(page.GetByTestId("diff-variables")).ToContainTextAsync("tone");
        await window.ScreenshotAsync("prompt-versions-diff");

        // Moving the label says whom it would break, before it happens.
        await page.GetByTestId("label-2.0.0").ClickAsync();
        await Expect(page.GetByTestId("impact")).ToContainTextAsync("production moves from 1.0.0 to 2.0.0");
        await Expect(page.GetByTestId("impact-follower").First).ToContainTextAsync("needs words");
        await Expect(page.GetByTestId("impact-follower").First).ToContainTextAsync("maps tone, which is no longer used");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("prompt-label-impact");
        await page.GetByTestId("label-move").ClickAsync();
        await Expect(page.GetByTestId("label-drawer")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("version-2.0.0")).ToContainTextAsync("production");

        await page.GetByTestId("tab-uses").ClickAsync();
        await Expect(page.GetByTestId("uses")).ToContainTextAsync("follows production");

        // An older version comes back as a new one.
        await page.GetByTestId("tab-versions").ClickAsync();
        await page.GetByTestId("restore-1.0.0").ClickAsync();
        await Expect(content).ToHaveValueAsync("Write {{ notes }} for {{ audience }}\nin {{ tone }}.");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("3.0.0");
        window.AssertClean();
    }

    [Fact]
    public async Task Playground_RunsTwoProfilesSideBySide_RatesAndKeepsTheInput()
    {
        await _world.Api.AddProfileAsync(_world.Model.Endpoint, "Second");
        var prompt = await _world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new { name = "Tried", content = "Write {{ notes }} in {{ tone }}" }
        );
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _world.Model.Script = call => FakeAnswer.Of("A short answer of six words.") with { Gate = hold.Task, GateAfter = 3 };
        var window = await _world.SignInAsync(Role.Collaborator);
        var page = window.Page;
        await window.GoAsync($"/prompts/{prompt.Text("id")}?tab=playground");

        // What is missing is said at its field, and nothing is called.
        await page.GetByTestId("try-notes").FillAsync("ten parcels");
        await page.GetByTestId("playground-run").ClickAsync();
        await Expect(page.GetByTestId("playground")).ToContainTextAsync("This field is required.");
        await page.GetByTestId("playground-add").ClickAsync();
        await page.GetByTestId("try-tone").FillAsync("plain words");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.GetByTestId("lane-1").GetByTestId("lane-answer")).ToContainTextAsync("A short");
        await Expect(page.GetByTestId("lane-2").GetByTestId("lane-answer")).ToContainTextAsync("A short");
        await window.ScreenshotAsync("prompt-playground-live");
        hold.SetResult();
        await Expect(page.GetByTestId("lane-1").GetByTestId("lane-figures")).ToContainTextAsync("token");
        await Expect(page.GetByTestId("lane-2").GetByTestId("lane-answer")).ToContainTextAsync("six words");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("prompt-playground");
        await page.GetByTestId("lane-1").Locator("input[value='4']").CheckAsync(new() { Force = true });
        await Expect(page.GetByTestId("lane-1").GetByTestId("rating-said")).ToHaveTextAsync("Saved");

        await page.GetByTestId("example-name").FillAsync("Parcels");
        await page.GetByTestId("example-save").ClickAsync();
        await Expect(page.GetByTestId("example-said")).ToHaveTextAsync("Saved “Parcels”.");
        await page.GetByTestId("try-notes").FillAsync("something else");
        await page.GetByTestId("playground-fill").SelectOptionAsync(new SelectOptionValue { Label = "Parcels" });
        await Expect(page.GetByTestId("try-notes")).ToHaveValueAsync("ten parcels");
        var logs = (await _world.Api.SendAsync(HttpMethod.Get, $"execution-logs?promptId={prompt.Text("id")}", null)).GetProperty("items");
        logs.GetArrayLength().Should().Be(2);
        window.AssertClean();
    }

    /// <summary>Tab, arrows and Enter are enough.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Author_WorksByKeyboardAlone()
    {
        var prompt = await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Keys", content = "Write {{ notes }}" });
        var window = await _world.SignInAsync(Role.Architect);
        var page = window.Page;
        await window.GoAsync($"/prompts/{prompt.Text("id")}");
        await TabToAsync(page, "prompt-content");
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" well");
        await Expect(page.GetByTestId("version-step")).ToContainTextAsync("1.1.0");
        await TabToAsync(page, "prompt-save", back: true);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.1.0");
        await TabToAsync(page, "tab-preview");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByTestId("playground")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByTestId("versions")).ToBeVisibleAsync();
        await TabToAsync(page, "changed-1.1.0");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("prompt-diff")).ToContainTextAsync("well");
        await TabToAsync(page, "label-1.1.0");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("impact")).ToContainTextAsync("production is a new label");
        await TabToAsync(page, "label-move");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("version-1.1.0")).ToContainTextAsync("production");
    }

    private static async Task TabToAsync(IPage page, string testId, bool back = false)
    {
        for (var presses = 0; presses < 60; presses++)
        {
            if (await page.EvaluateAsync<string?>("() => document.activeElement?.dataset?.testid") == testId)
            {
                return;
            }

            await page.Keyboard.PressAsync(back ? "Shift+Tab" : "Tab");
        }

        throw new InvalidOperationException($"{testId} cannot be reached by the keyboard.");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Draft_OutlivesTheTab_IsOfferedAndNeverPutInUnasked()
    {
        var person = await _world.Portal.AddPersonAsync(Role.Architect);
        var window = await _world.SignInAsync(person);
        var page = window.Page;
        var prompt = await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Kept", content = "Write {{ notes }}" });
        var path = $"/prompts/{prompt.Text("id")}";
        page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await window.GoAsync(path);
        await page.GetByTestId("prompt-content").FillAsync("Write {{ notes }} slowly");
        await page.GetByTestId("example-notes").FillAsync("two lines");
        await Expect(page.GetByTestId("version-step")).ToContainTextAsync("1.1.0");

        await window.GoAsync(path);
        await Expect(page.GetByTestId("draft-offer")).ToContainTextAsync("You have unsaved changes");
        await Expect(page.GetByTestId("prompt-content")).ToHaveValueAsync("Write {{ notes }}");
        await window.ScreenshotAsync("prompt-draft-offer");
        await page.GetByTestId("draft-take").ClickAsync();
        await Expect(page.GetByTestId("prompt-content")).ToHaveValueAsync("Write {{ notes }} slowly");
        await Expect(page.GetByTestId("example-notes")).ToHaveValueAsync("two lines");
        await Expect(page.GetByTestId("draft-offer")).ToHaveCountAsync(0);
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.1.0");
        await Eventually.HoldsAsync(async () => await DraftsAsync(page) == 0, "the saved draft to go");

        // Whoever signs out leaves nothing behind.
        await page.GetByTestId("prompt-content").FillAsync("Something private {{ notes }}");
        await Eventually.HoldsAsync(async () => await DraftsAsync(page) == 1, "the draft to be kept");
        await window.GotoAsync("/account/sign-out");
        await page.GetByTestId("confirm-sign-out").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/account/sign-in"));
        (await DraftsAsync(page)).Should().Be(0);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task SecondToSave_SeesWhoseChangeItIs_AndLosesNothing()
    {
        var window = await _world.SignInAsync(Role.Architect);
        var page = window.Page;
        var prompt = await _world.Api.SendAsync(HttpMethod.Post, "prompts", new { name = "Shared", content = "Write {{ notes }}" });
        var path = $"prompts/{prompt.Text("id")}";
        await window.GoAsync("/" + path);
        await page.GetByTestId("prompt-content").FillAsync("Mine {{ notes }}");
        await _world.Api.SendAsync(HttpMethod.Put, path, new { name = "Shared", content = "Theirs {{ notes }}" });

        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-stale")).ToContainTextAsync("saved 1.1.0");
        await page.GetByTestId("stale-diff").ClickAsync();
        await Expect(page.Locator("[data-testid=prompt-stale] del")).ToHaveTextAsync("Theirs");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await window.ScreenshotAsync("prompt-stale");
        await page.GetByTestId("take-theirs").ClickAsync();
        await Expect(page.GetByTestId("prompt-content")).ToHaveValueAsync("Theirs {{ notes }}");
        await page.GetByTestId("bring-back").ClickAsync();
        await Expect(page.GetByTestId("prompt-content")).ToHaveValueAsync("Mine {{ notes }}");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.2.0");
        (await _world.Api.SendAsync(HttpMethod.Get, path + "/versions", null)).GetProperty("items").GetArrayLength().Should().Be(3);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task LongText_IsTypedWithoutDelay_AndAMegabyteIsRefusedWithoutLosingIt()
    {
        var window = await _world.SignInAsync(Role.Architect);
        var page = window.Page;
        await window.GoAsync("/prompts/new");
        await page.GetByTestId("prompt-name").FillAsync("Long");
        var content = page.GetByTestId("prompt-content");
        var line = "Some words of a long prompt with {{ notes }} and {% if notes %}more{% endif %} in each of its lines.\n";
        await content.FillAsync(string.Concat(Enumerable.Repeat(line, 1000)));
        await Expect(page.GetByTestId("version-step")).ToContainTextAsync("1.0.0");
        await Expect(page.GetByTestId("tokens")).ToContainTextAsync("tokens");
        var times = await content.EvaluateAsync<double[]>(
            """
            async area => {
              area.focus();
              area.setSelectionRange(40000, 40000);
              const times = [];
              for (let i = 0; i < 20; i++) {
                const began = performance.now();
                document.execCommand("insertText", false, "x");
                await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
                times.push(performance.now() - began);
              }
              return times;
            }
            """
        );
        Figures.Tell($"A key in 100 KB to its paint: median {Figures.Median(times):0} ms, p95 {Figures.P95(times):0} ms");
        Figures.Median(times).Should().BeLessThan(500, "a busy machine takes several times the aim of 100");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.0.0");

        var megabyte = new string('a', 1024 * 1024);
        await content.FillAsync(megabyte);
        await Expect(page.GetByTestId("prompt-content-error")).ToContainTextAsync("The limit is 524,288 characters; this has 1,048,576.");
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-content-error")).ToBeVisibleAsync();
        (await content.EvaluateAsync<int>("area => area.value.length")).Should().Be(megabyte.Length);
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.0.0");
    }

    private static Task<int> DraftsAsync(IPage page) =>
        page.EvaluateAsync<int>("() => Object.keys(localStorage).filter(key => key.startsWith('pilot-draft:')).length");
}
