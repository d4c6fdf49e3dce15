using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>A page that shows triggers and follows what happens to them.</summary>
public abstract class TriggersView : ComponentBase, IDisposable
{
    private bool _isGone;

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private TriggerChanges Changes { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    protected Actor Actor { get; private set; } = Actor.Nobody;

    public void Dispose()
    {
        Leave();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads what is shown.</summary>
    protected abstract Task LoadAsync();

    protected override async Task OnInitializedAsync()
    {
        Actor = await CurrentActor.GetAsync();
        if (RendererInfo.IsInteractive)
        {
            Changes.Changed += Refresh;
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected bool May(Permission permission) => Viewer is not null && Access.Allows(Viewer.Role, permission);

    /// <summary>Follows no more: what is shown is gone.</summary>
    protected void Leave()
    {
        _isGone = true;
        Changes.Changed -= Refresh;
    }

    private void Refresh() =>
        _ = InvokeAsync(async () =>
        {
            if (!_isGone)
            {
                await LoadAsync();
                StateHasChanged();
            }
        });
}
