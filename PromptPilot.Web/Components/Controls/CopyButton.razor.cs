using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls;

public sealed partial class CopyButton(Browser browser)
{
    /// <summary>False: the browser refused it; null: not tried.</summary>
    private bool? _done;

    /// <summary>Called when pressed, so that large texts need not be held in the page.</summary>
    [Parameter, EditorRequired]
    public Func<string> Text { get; set; } = () => "";

    [Parameter]
    public string Label { get; set; } = "Copy";

    private string Words =>
        _done switch
        {
            true => "Copied ✓",
            false => "Could not copy",
            null => Label,
        };

    private string Said =>
        _done switch
        {
            true => "Copied",
            false => "Could not copy. Select the text and press Ctrl+C.",
            null => "",
        };

    private async Task CopyAsync() => _done = await browser.CopyAsync(Text());
}
