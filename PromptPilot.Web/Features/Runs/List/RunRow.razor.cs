using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;

namespace PromptPilot.Web.Features.Runs.List;

public sealed partial class RunRow(TimeProvider timeProvider)
{
    private object? _drawn;

    [Parameter, EditorRequired]
    public RunListItem Run { get; set; } = null!;

    [Parameter]
    public bool IsSelectable { get; set; }

    [Parameter]
    public bool IsSelected { get; set; }

    [Parameter]
    public EventCallback<ChangeEventArgs> OnSelect { get; set; }

    protected override bool ShouldRender()
    {
        var now = (Run, IsSelectable, IsSelected);
        if (now.Equals(_drawn))
        {
            return false;
        }

        _drawn = now;
        return true;
    }
}
