using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace PromptPilot.Web.Components.Controls;

/// <summary>Actions of the viewer's browser: clipboard, downloads, local storage, theme. Wraps wwwroot/js/pilot.js.</summary>
public sealed class Browser(IJSRuntime js) : IAsyncDisposable
{
    private IJSObjectReference? _module;

    /// <summary>Puts text on the clipboard; false when the browser refused.</summary>
    public async ValueTask<bool> CopyAsync(string text) => await (await ModuleAsync()).InvokeAsync<bool>("copy", text);

    /// <summary>Offers text as a file; it travels as a stream, so its size is not bound by the circuit's message limit.</summary>
    public ValueTask DownloadAsync(string fileName, string contentType, string text) =>
        DownloadAsync(fileName, contentType, Encoding.UTF8.GetBytes(text));

    /// <summary>The same with bytes.</summary>
    public async ValueTask DownloadAsync(string fileName, string contentType, byte[] bytes)
    {
        using var content = new DotNetStreamReference(new MemoryStream(bytes));
        await (await ModuleAsync()).InvokeVoidAsync("download", fileName, contentType, content);
    }

    /// <summary>Applies <c>light</c> or <c>dark</c>, or follows the system for null; the next page load starts with it.</summary>
    public async ValueTask SetThemeAsync(string? theme) => await (await ModuleAsync()).InvokeVoidAsync("setTheme", theme);

    /// <summary>Switches keys that act alone, such as / in lists, on or off in this browser.</summary>
    public async ValueTask SetSingleKeysAsync(bool areOn) => await (await ModuleAsync()).InvokeVoidAsync("setSingleKeys", areOn);

    /// <summary>Opens the browser's dialog for printing.</summary>
    public async ValueTask PrintAsync() => await (await ModuleAsync()).InvokeVoidAsync("print");

    /// <summary>The IANA name of the zone the viewer's clock is set to.</summary>
    public async ValueTask<string?> TimeZoneAsync() => await (await ModuleAsync()).InvokeAsync<string?>("timeZone");

    /// <summary>When a day begins where the viewer is, or a day so many days later; null for what is no day.</summary>
    /// <param name="day">As <c>yyyy-MM-dd</c>.</param>
    public async ValueTask<DateTimeOffset?> StartOfDayAsync(string day, int daysLater = 0) =>
        await (await ModuleAsync()).InvokeAsync<DateTimeOffset?>("startOfDay", day, daysLater);

    /// <summary>The day, as <c>yyyy-MM-dd</c>, that it is there at an instant, or so many days later.</summary>
    public async ValueTask<string> DayOfAsync(DateTime utc, int daysLater = 0) =>
        await (await ModuleAsync()).InvokeAsync<string>("dayOf", DateTime.SpecifyKind(utc, DateTimeKind.Utc), daysLater);

    /// <summary>The value that <see cref="RememberAsync"/> stored in this browser.</summary>
    public async ValueTask<string?> RecallAsync(string key) => await (await ModuleAsync()).InvokeAsync<string?>("recall", key);

    public async ValueTask RememberAsync(string key, string? value) => await (await ModuleAsync()).InvokeVoidAsync("remember", key, value);

    /// <summary>Scrolls the row that an element is in, and nothing else, until the whole element is seen.</summary>
    public async ValueTask RevealInRowAsync(ElementReference element) =>
        await (await ModuleAsync()).InvokeVoidAsync("revealInRow", element);

    /// <summary>Closes a dialog that a script opened; the focus goes back to where it was.</summary>
    public async ValueTask CloseDialogAsync(string id) => await (await ModuleAsync()).InvokeVoidAsync("closeDialog", id);

    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The tab is gone, and the module with it.
            }
        }
    }

    private async ValueTask<IJSObjectReference> ModuleAsync() =>
        _module ??= await js.InvokeAsync<IJSObjectReference>("import", "./js/pilot.js");
}
