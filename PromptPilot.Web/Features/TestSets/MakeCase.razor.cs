using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class MakeCase(PageServices services, TestSetService sets, TestCaseService cases) : PortalComponent(services)
{
    private IReadOnlyList<TestSetListItem>? _sets;
    private string _setId = "";
    private string _setName = "";
    private TestCaseItem? _made;

    /// <summary>Id of the ExecutionLog.</summary>
    [Parameter, EditorRequired]
    public string LogId { get; set; } = "";

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    /// <summary>Adds the case immediately if the prompt has a single set.</summary>
    private Task OpenAsync() =>
        OnceAsync(async () =>
        {
            var found = await sets.ListAsync(await ActorAsync(), PromptId, null, new PageRequest(), Left);
            (_sets, Problem) = (found.IsOk ? found.Value.Items : null, found.Problem);
            _setId = _sets is [var first, ..] ? first.Id : "";
            if (_sets is { Count: 1 })
            {
                await MakeAsync();
            }
        });

    private Task AddAsync() => OnceAsync(MakeAsync);

    private async Task MakeAsync()
    {
        var made = await cases.AddFromOutputAsync(await ActorAsync(), _setId, LogId, Left);
        (_made, Problem) = (made.IsOk ? made.Value : null, made.Problem);
        _setName = _sets!.First(set => set.Id == _setId).Name;
    }
}
