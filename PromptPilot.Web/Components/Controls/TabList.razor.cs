using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace PromptPilot.Web.Components.Controls;

public sealed partial class TabList(Browser browser)
{
    private readonly Dictionary<string, ElementReference> _buttons = [];
    private string? _revealed;

    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<(string Key, string Name)> Tabs { get; set; } = [];

    [Parameter, EditorRequired]
    public string Open { get; set; } = "";

    [Parameter]
    public EventCallback<string> OpenChanged { get; set; }

    /// <summary>The id that the panel must have.</summary>
    public static string PanelId(string id) => $"{id}-panel";

    /// <summary>In a narrow window, the open tab may be outside the row.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_revealed != Open && _buttons.TryGetValue(Open, out var button))
        {
            _revealed = Open;
            try
            {
                await browser.RevealInRowAsync(button);
            }
            catch (JSDisconnectedException)
            {
                // The tab of the browser is gone.
            }
        }
    }

    private async Task MoveAsync(KeyboardEventArgs key)
    {
        var at = Tabs.Select(tab => tab.Key).ToList().IndexOf(Open);
        var next = key.Key switch
        {
            "ArrowRight" => (at + 1) % Tabs.Count,
            "ArrowLeft" => (at + Tabs.Count - 1) % Tabs.Count,
            "Home" => 0,
            "End" => Tabs.Count - 1,
            _ => at,
        };
        if (next != at)
        {
            await OpenChanged.InvokeAsync(Tabs[next].Key);
            await _buttons[Tabs[next].Key].FocusAsync();
        }
    }
}
