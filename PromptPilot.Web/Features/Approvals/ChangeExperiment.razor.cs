using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Approvals;

public sealed partial class ChangeExperiment(PageServices services, ExperimentResultService results) : PortalComponent(services)
{
    private ExperimentView? _view;
    private string _show = "all";
    private string? _case;

    [Parameter, EditorRequired]
    public string ExperimentId { get; set; } = "";

    /// <summary>Raised when the experiment has ended.</summary>
    [Parameter]
    public EventCallback OnEnd { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(results.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (_view is { Status: not ExperimentStatus.Running })
        {
            return;
        }

        var wasRunning = _view is not null;
        var found = await results.FindAsync(await ActorAsync(), ExperimentId, Left);
        (_view, Problem) = (found.IsOk ? found.Value : _view, found.Problem);
        if (wasRunning && _view is { Status: not ExperimentStatus.Running })
        {
            await OnEnd.InvokeAsync();
        }
    }
}
