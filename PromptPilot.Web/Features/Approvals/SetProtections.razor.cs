using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Approvals;

public sealed partial class SetProtections(PageServices services, ProtectionService protections) : PortalComponent(services)
{
    private IReadOnlyList<ProtectionView> _protections = [];

    [Parameter, EditorRequired]
    public string TestSetId { get; set; } = "";

    protected override async Task OnInitializedAsync()
    {
        var found = await protections.ListOfSetAsync(await ActorAsync(), TestSetId, Left);
        _protections = found.IsOk ? found.Value : [];
    }
}
