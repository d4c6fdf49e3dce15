using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Components.Layout;

public sealed partial class MainLayout(CurrentActor currentActor, Access access, NavigationManager navigation)
{
    private Principal? _viewer;
    private ErrorBoundary? _boundary;

    [CascadingParameter]
    private Microsoft.AspNetCore.Components.RouteData? Route { get; set; }

    private bool IsWide => Route?.PageType.IsDefined(typeof(WidePageAttribute), inherit: false) == true;

    protected override async Task OnInitializedAsync()
    {
        // Not cancelled: the layout outlives its pages.
        var viewer = await access.RequireAsync(await currentActor.GetAsync(), Permission.Read, CancellationToken.None);
        _viewer = viewer.IsOk ? viewer.Value : null;
    }

    protected override void OnParametersSet() => _boundary?.Recover();

    private void Recover() => _boundary?.Recover();
}
