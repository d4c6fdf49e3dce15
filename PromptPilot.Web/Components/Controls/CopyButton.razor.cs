using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls;

public sealed partial class CopyButton(Browser browser)
{
    private bool _done;

    /// <summary>Called when pressed, so that large texts need not be held in the page.</summary>
    [Parameter, EditorRequired]
    public Func<string> Text { get; set; } = () => "";

    [Parameter]
    public string Label { get; set; } = "Copy";

    private async Task CopyAsync() => _done = await browser.CopyAsync(Text());
}
