using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments.Batches;

/// <summary>The batches of a workflow, and the form that starts one.</summary>
public sealed partial class BatchesPage(PageServices services, WorkflowService workflows, ExperimentResultService experiments)
    : PortalPage(services)
{
    private WorkflowView? _workflow;
    private IReadOnlyList<ExperimentListItem>? _batches;

    [Parameter]
    public string Id { get; set; } = "";

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync(experiments.WatchAsync, (watch, left) => watch.NextAsync(left), LoadAsync);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var actor = await ActorAsync();
        if (_workflow is null)
        {
            var found = await workflows.FindAsync(actor, Id, Left);
            (_workflow, Problem) = (found.IsOk ? found.Value : null, found.Problem);
        }

        var page = await experiments.ListAsync(actor, null, Id, new PageRequest(Limit: PageRequest.MaxLimit), Left);
        Problem ??= page.Problem;
        _batches = page.IsOk ? [.. page.Value.Items.Where(item => item.IsBatch)] : _batches;
    }
}
