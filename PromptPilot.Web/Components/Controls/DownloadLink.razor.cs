using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls;

public sealed partial class DownloadLink(Browser browser)
{
    /// <summary>Called when pressed.</summary>
    [Parameter, EditorRequired]
    public Func<string> Text { get; set; } = () => "";

    [Parameter, EditorRequired]
    public string FileName { get; set; } = "";

    [Parameter]
    public string ContentType { get; set; } = "text/plain;charset=utf-8";

    [Parameter]
    public string Label { get; set; } = "Download";
}
