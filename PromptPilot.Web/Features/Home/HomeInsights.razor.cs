using PromptPilot.Core.Insights;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Home;

public sealed partial class HomeInsights(PageServices services, InsightsService insights) : PortalComponent(services)
{
    private InsightsReport? _report;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            var report = await insights.FindAsync(await ActorAsync(), new InsightsFilter(), Left);
            _report = report.IsOk ? report.Value : null;
            StateHasChanged();
        }
    }
}
