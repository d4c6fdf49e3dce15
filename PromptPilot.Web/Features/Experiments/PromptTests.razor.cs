using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments;

public sealed partial class PromptTests(PageServices services, TestSetService sets) : PortalComponent(services)
{
    private IReadOnlyList<TestSetListItem>? _sets;
    private string _setId = "";

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    /// <summary>The text in the editor. It is frozen when the experiment starts.</summary>
    [Parameter, EditorRequired]
    public Func<PromptDraft> Draft { get; set; } = default!;

    [Parameter]
    public bool CanWrite { get; set; }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var page = await sets.ListAsync(await ActorAsync(), PromptId, null, new PageRequest(), Left);
        (_sets, Problem) = (page.IsOk ? page.Value.Items : null, page.Problem);
        _setId = _sets is [{ Cases: > 0 } only] ? only.Id : "";
    }
}
