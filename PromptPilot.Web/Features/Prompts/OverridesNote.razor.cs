using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts;

public sealed partial class OverridesNote(PageServices services, ChangeListService changes) : PortalComponent(services)
{
    private IReadOnlyList<ChangeListItem> _overrides = [];

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    protected override async Task OnInitializedAsync()
    {
        var filter = new ChangeFilter(ChangeStatus.Overridden, PromptId);
        var found = await changes.ListAsync(await ActorAsync(), filter, new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _overrides = found.IsOk ? found.Value.Items : [];
    }
}
