using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>All test sets; the filter by prompt is in the address.</summary>
public sealed partial class TestSetsPage(PageServices services, TestSetService sets, StepPickerService prompts)
    : ListPage<TestSetsQuery, TestSetListItem>(services)
{
    private const string HowToBegin = "Create one above, then add cases by hand, from a file or from low ratings.";

    private IReadOnlyList<(string Value, string Name)> _prompts = [];

    protected override string IdOf(TestSetListItem item) => item.Id;

    protected override async Task<Result<Page<TestSetListItem>>> ListAsync(TestSetsQuery filter, PageRequest request) =>
        await sets.ListAsync(await ActorAsync(), filter.Prompt, request, Left);

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var found = await prompts.ListPromptsAsync(await ActorAsync(), null, Left);
        _prompts = found.IsOk ? [.. found.Value.Select(prompt => (prompt.Id, prompt.Name))] : [];
    }
}
