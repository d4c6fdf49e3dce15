using Microsoft.Playwright;

namespace PromptPilot.Tests.InBrowser;

/// <summary>A connection on which the messages of the server can be held back, as a slow line does.</summary>
internal sealed class HeldCircuit
{
    private const string Script = """
        (() => {
          const Native = WebSocket;
          let held = null;
          window.heldCircuit = {
            hold: () => { held = []; },
            count: () => held.length,
            release: () => { const all = held; held = null; all.forEach((deliver) => deliver()); },
          };
          window.WebSocket = class extends Native {
            set onmessage(handle) {
              super.onmessage = (event) => (held ? held.push(() => handle(event)) : handle(event));
            }
          };
        })();
        """;

    private readonly IPage _page;

    private HeldCircuit(IPage page) => _page = page;

    /// <summary>Takes effect with the next page that is loaded.</summary>
    public static async Task<HeldCircuit> OnAsync(IPage page)
    {
        await page.AddInitScriptAsync(Script);
        return new HeldCircuit(page);
    }

    /// <summary>Types while the answer of the server to an act is under way.</summary>
    public async Task DuringAsync(Func<Task> act, Func<Task> type)
    {
        await _page.EvaluateAsync("() => heldCircuit.hold()");
        await act();
        await _page.WaitForFunctionAsync("() => heldCircuit.count() > 0");
        await type();
        await _page.EvaluateAsync("() => heldCircuit.release()");
    }
}
