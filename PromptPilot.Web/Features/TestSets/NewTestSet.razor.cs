using Microsoft.AspNetCore.Components;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class NewTestSet(PageServices services, TestSetService sets) : PortalComponent(services)
{
    private string _promptId = "";
    private string _name = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<(string Value, string Name)> Prompts { get; set; } = [];

    /// <summary>Chosen at first.</summary>
    [Parameter]
    public string? PromptId { get; set; }

    protected override void OnParametersSet() => _promptId = _promptId.Length == 0 ? PromptId ?? "" : _promptId;

    private async Task CreateAsync()
    {
        IsBusy = true;
        var made = await sets.CreateAsync(await ActorAsync(), _promptId, new TestSetContent(_name, []), Left);
        IsBusy = false;
        Problem = made.Problem;
        if (made.IsOk)
        {
            Navigation.NavigateTo($"test-sets/{made.Value.Id}");
        }
    }
}
