using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments;

public sealed partial class ExperimentsCard(PageServices services, ExperimentResultService experiments) : PortalComponent(services)
{
    private IReadOnlyList<ExperimentListItem>? _items;
    private bool _isNew;

    [Parameter, EditorRequired]
    public string TestSetId { get; set; } = "";

    /// <summary>Null: the set tests a workflow.</summary>
    [Parameter]
    public string? PromptId { get; set; }

    /// <summary>Null: the set tests a prompt.</summary>
    [Parameter]
    public string? WorkflowId { get; set; }

    [Parameter]
    public int CaseCount { get; set; }

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(experiments.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var page = await experiments.ListAsync(await ActorAsync(), TestSetId, null, new PageRequest(), Left);
        (_items, Problem) = (page.IsOk ? page.Value.Items : _items, page.Problem);
    }
}
