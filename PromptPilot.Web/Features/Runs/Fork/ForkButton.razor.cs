using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Fork;

public sealed partial class ForkButton(PageServices services) : PortalComponent(services)
{
    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;
}
