using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Components.Controls.Display;

public sealed partial class RelativeTime(TimeProvider timeProvider)
{
    /// <summary>UTC.</summary>
    [Parameter, EditorRequired]
    public DateTime? At { get; set; }

    /// <summary>The text if there is no time.</summary>
    [Parameter]
    public string Never { get; set; } = "never";
}
