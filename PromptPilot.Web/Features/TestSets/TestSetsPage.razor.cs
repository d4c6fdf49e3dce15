using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>All test sets; the filters are in the address.</summary>
public sealed partial class TestSetsPage(PageServices services, TestSetService sets, StepPickerService prompts, WorkflowService workflows)
    : ListPage<TestSetsQuery, TestSetListItem>(services)
{
    private const string HowToBegin = "Create one above, then add cases by hand, from a file or from low ratings.";

    private IReadOnlyList<(string Value, string Name)> _prompts = [];
    private IReadOnlyList<(string Value, string Name)> _workflows = [];

    protected override string IdOf(TestSetListItem item) => item.Id;

    protected override async Task<Result<Page<TestSetListItem>>> ListAsync(TestSetsQuery filter, PageRequest request) =>
        await sets.ListAsync(await ActorAsync(), filter.Prompt, filter.Workflow, request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var actor = await ActorAsync();
        var found = await prompts.ListPromptsAsync(actor, null, Left);
        var listed = await workflows.ListAsync(actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _workflows = listed.IsOk ? [.. listed.Value.Items.Select(workflow => (workflow.Id, workflow.Name))] : [];
        _prompts = found.IsOk ? [.. found.Value.Select(prompt => (prompt.Id, prompt.Name))] : [];
    }
}
