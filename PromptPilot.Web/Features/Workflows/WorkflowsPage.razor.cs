using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The list of workflows; what is filtered is in the address.</summary>
public sealed partial class WorkflowsPage(
    PageServices services,
    WorkflowService workflowService,
    WorkflowSampleService workflowSampleService
) : ListPage<WorkflowsQuery, WorkflowListItem>(services)
{
    private const string EmptyText =
        "A workflow chains prompts: each step runs one prompt on one model, and later steps can use the outputs of "
        + "earlier ones. Independent steps run in parallel.";

    private static readonly string[] Statuses = ["draft", "published", "archived"];

    private WorkflowFacets _facets = new([], []);
    private IReadOnlyList<WorkflowSample> _samples = [];
    private bool _making;

    protected override string? SearchOf(WorkflowsQuery filter) => filter.Search;

    protected override string IdOf(WorkflowListItem item) => item.Id;

    protected override async Task<Result<Page<WorkflowListItem>>> ListAsync(WorkflowsQuery filter, PageRequest request) =>
        await workflowService.ListAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var facets = await workflowService.ListFacetsAsync(await ActorAsync(), Left);
        _facets = facets.IsOk ? facets.Value : _facets;
        var samples = await workflowSampleService.ListAsync(await ActorAsync(), Left);
        _samples = samples.IsOk ? samples.Value : [];
    }

    private static IEnumerable<(string Value, string Name)> Words(IEnumerable<string> words) => words.Select(word => (word, word));

    /// <summary>Makes a draft of a sample and opens it in the designer.</summary>
    private Task MakeAsync(WorkflowSample sample) =>
        OnceAsync(async () =>
        {
            if (_making)
            {
                return;
            }

            _making = true;
            var made = await workflowSampleService.CreateAsync(await ActorAsync(), sample.Name, Left);
            (Problem, _making) = (made.Problem, made.IsOk);
            if (made.IsOk)
            {
                Navigation.NavigateTo($"workflows/{made.Value.Id}/edit");
            }
        });

    private Task TypedAsync(string? text) => TypeAsync(text, search => Filter with { Search = search });

    private static string Succeeded(WorkflowListItem item) =>
        $"{Format.Count(item.Succeeded)} of the last {Format.Count(item.Ended, "ended run")} succeeded; cancelled runs are left out";
}
