using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The canvas under a real pointer.</summary>
internal sealed class CanvasHand(BrowserWindow window)
{
    private IPage Page => window.Page;

    public ILocator Card(string key) => Page.Locator($"[data-testid=step-card][data-step={key}]");

    public ILocator Prompt(string name) =>
        Page.GetByTestId("palette-prompt").Filter(new() { HasTextRegex = new Regex($"Add {name}") }).First;

    /// <summary>Opens a page, and waits until its canvas answers.</summary>
    public async Task OpenAsync(string path)
    {
        await window.GoAsync(path);
        await Page.WaitForFunctionAsync("() => document.querySelector('[data-world]')?.style.transform");
    }

    /// <summary>Drags, and reads what the drop would do before it is done.</summary>
    public async Task DragAsync(ILocator from, (float X, float Y) to, string title, string detail)
    {
        await from.ScrollIntoViewIfNeededAsync();
        var start = await CenterAsync(from);
        await Page.Mouse.MoveAsync(start.X, start.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync((start.X + to.X) / 2, (start.Y + to.Y) / 2, new() { Steps = 3 });
        await Page.Mouse.MoveAsync(to.X, to.Y, new() { Steps = 3 });
        var ghost = Page.GetByTestId("canvas-ghost");
        await Assertions.Expect(ghost.Locator("[data-title]")).ToHaveTextAsync(title);
        await Assertions.Expect(ghost.Locator("[data-detail]")).ToContainTextAsync(detail);
        await Page.Mouse.UpAsync();
    }

    /// <summary>Where an element is, once it moves no longer.</summary>
    public static async Task<(float X, float Y)> CenterAsync(ILocator element)
    {
        var place = await element.EvaluateAsync<float[]>(
            """
            (element) => new Promise((done) => {
              let [last, calm] = [null, 0];
              const look = () => {
                const box = element.getBoundingClientRect();
                const now = [box.x + box.width / 2, box.y + box.height / 2];
                calm = last && Math.hypot(now[0] - last[0], now[1] - last[1]) < 0.1 ? calm + 1 : 0;
                last = now;
                calm > 12 ? done(now) : requestAnimationFrame(look);
              };
              look();
            })
            """
        );
        return (place[0], place[1]);
    }

    /// <summary>A spot of the canvas without anything, right of the tools at its foot.</summary>
    public async Task<(float X, float Y)> BlankAsync()
    {
        var view = (await Page.Locator("[data-viewport]").BoundingBoxAsync())!;
        return (view.X + view.Width * 0.3f, view.Y + view.Height - 60);
    }
}
