using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Components.Controls;

public sealed partial class TabTitle(IOptions<PortalSettings> settings)
{
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";
}
