using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class ForkButton(PageServices services) : PortalComponent(services)
{
    [Parameter, EditorRequired]
    public RunView Run { get; set; } = default!;

    [Parameter, EditorRequired]
    public StepView Step { get; set; } = default!;
}
