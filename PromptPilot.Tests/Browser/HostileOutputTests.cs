using System.Text;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A model may answer anything. The page shows it, and nothing happens.</summary>
public sealed class HostileOutputTests(Chrome chrome) : IAsyncLifetime
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

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome);

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
        (await output.EvaluateAsync<string[]>("root => [...root.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => a.name.startsWith('on') || /javascript:/i.test(a.value)).map(a => a.name + '=' + a.value)")).Should().BeEmpty();
        (await window.Page.EvaluateAsync<string?>("() => window.hurt ?? null")).Should().BeNull();
        window.AssertClean();
    }

    [Fact]
    public async Task Output_OfAMegabyteWithEmojiCutInTwo_IsShownWhole()
    {
        var text = new StringBuilder("START 👩‍👩‍👧 ");
        while (text.Length < 1_000_000)
        {
            text.Append("Zeile mit Grüßen 👋🏽 und ‏עברית‏ dazu.\n\n");
        }

        var whole = text.Append("THE-VERY-END").ToString();
        // Pieces of a fixed number of code points: composed emoji are cut in two.
        _world.Model.Default = FakeAnswer.Of("") with { Tokens = [.. whole.EnumerateRunes().Chunk(4093).Select(piece => string.Concat(piece))] };
        var workflow = await _world.Api.AddWorkflowAsync(_world.ProfileId, ("big", ["text"]));
        var window = await _world.SignInAsync(Role.Collaborator);
        var run = await _world.Api.RunAsync(workflow);
        run.Text("status").Should().Be("succeeded");
        (run.GetProperty("outputs").Text("big") == whole).Should().BeTrue("not a character may be missing or changed");

        await window.GoAsync($"/runs/{run.Text("id")}");

        await Assertions.Expect(window.Page.Locator("[data-step=big]")).ToContainTextAsync("THE-VERY-END");
        var shown = await window.Page.Locator("[data-step=big] [data-testid=step-output]").TextContentAsync();
        shown.Should().NotContain("\uFFFD");
        shown!.Split("Zeile mit Grüßen 👋🏽").Length.Should().Be(whole.Split("Zeile mit Grüßen 👋🏽").Length);
        window.AssertClean();
    }
}
