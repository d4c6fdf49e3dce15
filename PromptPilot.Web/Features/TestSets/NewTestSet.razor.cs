using Microsoft.AspNetCore.Components;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class NewTestSet(PageServices services, TestSetService sets) : PortalComponent(services)
{
    private static readonly string[] Fields = ["target", "name"];

    private string _target = "";
    private string _name = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<(string Value, string Name)> Prompts { get; set; } = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<(string Id, string Name)> Workflows { get; set; } = [];

    private FieldErrors Errors => new(Problem);

    /// <summary>Chosen at first.</summary>
    [Parameter]
    public string? PromptId { get; set; }

    /// <summary>Chosen at first, if no prompt is.</summary>
    [Parameter]
    public string? WorkflowId { get; set; }

    protected override void OnParametersSet() => _target = _target.Length == 0 ? PromptId ?? WorkflowId ?? "" : _target;

    private Task CreateAsync() =>
        OnceAsync(async () =>
        {
            if (_target.Length == 0)
            {
                Problem = Core.Shared.Problem.AtField("target", "Choose a prompt or workflow.");
                return;
            }

            var (actor, content) = (await ActorAsync(), new TestSetContent(_name, []));
            var made = Workflows.Any(workflow => workflow.Id == _target)
                ? await sets.CreateForWorkflowAsync(actor, _target, content, Left)
                : await sets.CreateAsync(actor, _target, content, Left);
            Problem = made.Problem;
            if (made.IsOk)
            {
                Navigation.NavigateTo($"test-sets/{made.Value.Id}");
            }
        });
}
