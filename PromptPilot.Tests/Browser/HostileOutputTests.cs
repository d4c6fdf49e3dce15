using System.Text;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A model may answer anything. The page shows it, and nothing happens.</summary>
public sealed class HostileOutputTests(Chrome chrome, SharedPortalWithReceivers portal)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private const string Hostile = """
        # Report <script>window.hurt = 'script'</script>

        <img src="https://evil.example/one.png" onerror="window.hurt = 'onerror'">
        <svg onload="window.hurt = 'svg'"></svg> <iframe src="https://evil.example/frame"></iframe>
        <style>body { background: url(https://evil.example/style.png) }</style>

        [click me](javascript:window.hurt='link') and ![remote](https://evil.example/two.png) and ![by reference][pic]

        | a | b |
        |---|---|
        | <b onclick="window.hurt='click'">x</b> | ![t](//evil.example/three.png) |

        [pic]: https://evil.example/four.png "title"

        The last word is SAFE-END.
        """;

    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome, portal);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Output_WithScriptsAndRemoteImages_IsShownHarmless()
    {
        _world.Model.Default = FakeAnswer.Of(Hostile);
        var window = await _world.SignInAsync(Role.Collaborator);
        var runId = await _world.Api.StartRunAsync(_world.WorkflowId);

        await window.GoAsync($"/runs/{runId}");
        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded");

        var output = window.Page.Locator("[data-step=digest] [data-testid=markdown]");
        await Assertions.Expect(output).ToContainTextAsync("SAFE-END");
        (await output.Locator("script, img, svg, iframe, style, object, form").CountAsync()).Should().Be(0);
        (
            await output.EvaluateAsync<string[]>(
                "root => [...root.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => a.name.startsWith('on') "
                    + "|| /javascript:/i.test(a.value)).map(a => a.name + '=' + a.value)"
            )
        )
            .Should()
            .BeEmpty();
        (await window.Page.EvaluateAsync<string?>("() => window.hurt ?? null")).Should().BeNull();
        window.AssertClean();
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Output_OfAMegabyteWithEmojiCutInTwo_IsShownWhole()
    {
        var text = new StringBuilder("START 👩‍👩‍👧 ");
        while (text.Length < 1_000_000)
        {
            text.Append("Zeile mit Grüßen 👋🏽 und ‏עברית‏ dazu.\n\n");
        }

        var whole = text.Append("THE-VERY-END").ToString();
        // Pieces of a fixed number of code points: composed emoji are cut in two.
        _world.Model.Default = FakeAnswer.Of("") with
        {
            Tokens = [.. whole.EnumerateRunes().Chunk(4093).Select(piece => string.Concat(piece))],
        };
        var workflow = await _world.Api.AddWorkflowAsync(_world.ProfileId, ("big", ["text"]));
        var window = await _world.SignInAsync(Role.Collaborator);
        var run = await _world.Api.RunAsync(workflow);
        run.Text("status").Should().Be("succeeded");
        (run.GetProperty("outputs").Text("big") == whole).Should().BeTrue("not a character may be missing or changed");

        // What every page loads is in the browser's cache, as for people who come from another page.
        await window.GoAsync("/");

        // From the first bytes of the page until the frame that has the last words in it.
        await window.Page.AddInitScriptAsync(
            """
            const watch = () => document.querySelector('[data-step=big]')?.textContent.includes('THE-VERY-END')
              ? requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now() }, 0))
              : requestAnimationFrame(watch);
            watch();
            """
        );
        await window.GoAsync($"/runs/{run.Text("id")}");

        await Assertions.Expect(window.Page.Locator("[data-step=big]")).ToContainTextAsync("THE-VERY-END");
        await window.Page.WaitForFunctionAsync("() => window.painted !== undefined");
        var painted = await window.Page.EvaluateAsync<double>(
            "() => window.painted - performance.getEntriesByType('navigation')[0].responseStart"
        );
        Figures.Tell($"a finished run with an output of 1 MB: from the page's first bytes to its paint {painted:F0} ms");
        painted.Should().BeLessThan(3000, "the goal is a second; a busy machine may take longer, laying out all of it takes seven");
        var shown = await window.Page.Locator("[data-step=big] [data-testid=step-output]").TextContentAsync();
        shown.Should().NotContain("\uFFFD");
        shown!.Split("Zeile mit Grüßen 👋🏽").Length.Should().Be(whole.Split("Zeile mit Grüßen 👋🏽").Length);
        await AssertSavedAndCopiedAsync(window, whole);
        window.AssertClean();
    }

    /// <summary>What is saved to a file, and what is copied, is what the model said, to the byte.</summary>
    private static async Task AssertSavedAndCopiedAsync(BrowserWindow window, string whole)
    {
        var card = window.Page.Locator("[data-step=big]");
        var download = await window.Page.RunAndWaitForDownloadAsync(() => card.GetByTestId("download").First.ClickAsync());
        (await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken))
            .AsSpan()
            .SequenceEqual(Encoding.UTF8.GetBytes(whole))
            .Should()
            .BeTrue("a saved output is equal byte for byte");

        await window.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await card.GetByTestId("copy").First.ClickAsync();
        await window.Page.WaitForFunctionAsync("async whole => (await navigator.clipboard.readText()) === whole", whole);
    }
}
