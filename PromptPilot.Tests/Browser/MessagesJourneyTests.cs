using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A prompt becomes a list of messages, by mouse and by keys, and takes an example from a run.</summary>
[Trait("Category", "Soak")]
public sealed class MessagesJourneyTests(Chrome chrome, SharedPortalWithReceivers shared)
    : IClassFixture<SharedPortalWithReceivers>,
        IAsyncLifetime
{
    private BrowserWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BrowserWorld.CreateAsync(chrome, shared);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Author_OrdersMessages_AndAddsAnExampleFromARun()
    {
        var prompt = await _world.Api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new { name = "Sorter of tickets", content = "Sort {{ text }}" }
        );
        var id = prompt.Text("id");
        var workflow = await _world.Api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = "Sort",
                inputs = new[] { new { name = "text", type = "text" } },
                steps = new[]
                {
                    new
                    {
                        promptId = id,
                        model = _world.ProfileId,
                        inputMapping = new { text = "text" },
                        outputKey = "kind",
                        order = 1,
                    },
                },
            }
        );
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);
        _world.Model.Default = FakeAnswer.Of("a bug");
        var run = await _world.Api.RunAsync(workflow.Text("id"), "{{ broken }}");
        var window = await _world.SignInAsync(Role.Architect);
        var page = window.Page;

        // From the run to the prompt: what was sent and answered, as text.
        await window.GoAsync($"/runs/{run.Text("id")}");
        await page.GetByTestId("add-as-example").First.ClickAsync();
        var texts = page.Locator("[data-testid=preview] pre");
        await Expect(texts).ToHaveTextAsync(["Sort {{ broken }}", "a bug", "Sort ‹text›"]);

        // By mouse: the last message goes to the top.
        await page.GetByTestId("message-handle").Nth(2).HoverAsync();
        await page.Mouse.DownAsync();
        await page.GetByTestId("message-fold").First.HoverAsync();
        await page.GetByTestId("message-fold").First.HoverAsync();
        await page.Mouse.UpAsync();
        await Expect(texts).ToHaveTextAsync(["Sort ‹text›", "Sort {{ broken }}", "a bug"]);

        // By keys: it goes down again, and the focus with it.
        await page.GetByTestId("message-fold").First.FocusAsync();
        await page.Keyboard.PressAsync("Alt+ArrowDown");
        await Expect(texts).ToHaveTextAsync(["Sort {{ broken }}", "Sort ‹text›", "a bug"]);
        await page.Keyboard.PressAsync("Alt+ArrowDown");
        await Expect(texts).ToHaveTextAsync(["Sort {{ broken }}", "a bug", "Sort ‹text›"]);

        // Variables and names of prompts are completed in the browser, by keyboard.
        await page.GetByTestId("add-message").ClickAsync();
        var added = page.GetByTestId("message-content-3");
        await added.PressSequentiallyAsync("About {{ te");
        await Expect(page.GetByTestId("completion")).ToHaveTextAsync("text variable");
        await page.Keyboard.PressAsync("Enter");
        await Expect(added).ToHaveValueAsync("About {{ text }}");
        await added.PressSequentiallyAsync(" {% inc");
        await page.Keyboard.PressAsync("Enter");
        await added.PressSequentiallyAsync("Sort");
        await page.Keyboard.PressAsync("ArrowDown");
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await page.Keyboard.PressAsync("Enter");
        await Expect(added).ToHaveValueAsync("About {{ text }} {% include \"Sorter of tickets\" %}");
        await added.PressSequentiallyAsync(" {{ te");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByTestId("completions")).ToBeHiddenAsync();
        await page.GetByTestId("message-remove").Last.ClickAsync();

        await page.GetByTestId("examples-as-table").ClickAsync();
        await page.GetByTestId("example-assistant").FillAsync("bug");
        await Expect(texts).ToHaveTextAsync(["Sort {{ broken }}", "bug", "Sort ‹text›"]);
        (await window.CheckAccessibilityAsync()).Should().BeEmpty();
        await page.GetByTestId("prompt-save").ClickAsync();
        await Expect(page.GetByTestId("prompt-version")).ToHaveTextAsync("1.1.0");

        var next = await _world.Api.SendAsync(HttpMethod.Get, $"prompts/{id}", null);
        next.GetProperty("messages").EnumerateArray().Select(m => m.Text("role")).Should().Equal("user", "assistant", "user");
        window.AssertClean();
    }
}
