using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>Typing in the designer while the server, on a slow line, sets the same field.</summary>
public sealed class TypingJourneyTests(CanvasJourneyTests.World world) : IClassFixture<CanvasJourneyTests.World>, IAsyncLifetime
{
    private BrowserWindow _window = null!;

    private IPage Page => _window.Page;

    private CanvasHand Hand => new(_window);

    public async ValueTask InitializeAsync() => _window = await world.Browser.SignInAsync(Role.Architect);

    public ValueTask DisposeAsync() => _window.DisposeAsync();

    [Fact]
    public async Task Typing_IsNotRewritten_ByWhatTheServerSetBeforeItKnewOfIt()
    {
        var circuit = await HeldCircuit.OnAsync(Page);
        await Hand.OpenAsync("/workflows/new");
        await Page.GetByTestId("workflow-name").FillAsync("Typed slowly");
        await Hand.Prompt("Alpha").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Page.GetByTestId("option-row-each").ClickAsync();

        // An expression, reported key by key: the list makes the mapping “item” while the same is typed.
        var mapping = Page.GetByTestId("mapping-expression");
        var list = Page.Locator("#field-steps-0-forEach");
        await Assertions.Expect(list).ToBeVisibleAsync();
        await circuit.DuringAsync(() => list.FillAsync("text | split: ' '"), () => RetypeAsync(mapping, "ite"));
        await Page.Keyboard.TypeAsync("m");
        await Assertions.Expect(mapping).ToHaveValueAsync("item");
        await Assertions.Expect(Page.GetByTestId("problems")).ToContainTextAsync("Ready to publish");

        // A text that is reported when it is complete.
        var key = Page.GetByTestId("step-output-key");
        await RetypeAsync(key, "one");
        await key.BlurAsync();
        await Assertions.Expect(Hand.Card("one")).ToBeVisibleAsync();
        await circuit.DuringAsync(UndoAsync, () => RetypeAsync(key, "tw"));
        await Page.Keyboard.TypeAsync("o");
        await key.BlurAsync();
        await Assertions.Expect(Hand.Card("two")).ToBeVisibleAsync();
        await Assertions.Expect(key).ToHaveValueAsync("two");

        // Typing that comes to nothing lets the server's value in.
        await circuit.DuringAsync(UndoAsync, () => RetypeAsync(key, "two"));
        await Assertions.Expect(key).ToHaveValueAsync("two");
        await key.BlurAsync();
        await Assertions.Expect(key).ToHaveValueAsync("alpha");

        // A choice; what the card shows is drawn again, too, although it is what it was before the undo.
        var version = Page.GetByTestId("step-version");
        await version.SelectOptionAsync("version 1.0.0");
        await Assertions.Expect(Hand.Card("alpha")).ToContainTextAsync("1.0.0");
        await circuit.DuringAsync(UndoAsync, () => ChooseAsync(version, "", "version 1.0.0"));
        await Assertions.Expect(Hand.Card("alpha")).ToContainTextAsync("1.0.0");
        await Assertions.Expect(version).ToHaveValueAsync("version 1.0.0");
        _window.AssertClean();
    }

    private Task UndoAsync() => Page.GetByTestId("undo").ClickAsync();

    private async Task RetypeAsync(ILocator field, string text)
    {
        await field.FocusAsync();
        await Page.Keyboard.PressAsync("Control+a");
        await Page.Keyboard.TypeAsync(text);
    }

    private static async Task ChooseAsync(ILocator list, params string[] values)
    {
        foreach (var value in values)
        {
            await list.SelectOptionAsync(value);
        }
    }
}
