using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class MakeRunCase(PageServices services, TestSetService sets, RunCaseService cases) : PortalComponent(services)
{
    private IReadOnlyList<TestSetListItem>? _sets;
    private string _setId = "";
    private string _setName = "";
    private bool _withOutput = true;
    private TestCaseItem? _made;

    [Parameter, EditorRequired]
    public string RunId { get; set; } = "";

    [Parameter, EditorRequired]
    public string WorkflowId { get; set; } = "";

    /// <summary>The run succeeded.</summary>
    [Parameter]
    public bool HasOutput { get; set; }

    private Task OpenAsync() =>
        OnceAsync(async () =>
        {
            var found = await sets.ListAsync(await ActorAsync(), null, WorkflowId, new PageRequest(), Left);
            (_sets, Problem) = (found.IsOk ? found.Value.Items : null, found.Problem);
            _setId = _sets is [var first, ..] ? first.Id : "";
        });

    private Task AddAsync() =>
        OnceAsync(async () =>
        {
            var made = await cases.AddAsync(await ActorAsync(), _setId, RunId, HasOutput && _withOutput, Left);
            (_made, Problem) = (made.IsOk ? made.Value : null, made.Problem);
            _setName = _sets!.First(set => set.Id == _setId).Name;
        });
}
