using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>What the parts of a step's options have in common.</summary>
public abstract class StepOptionsPart : ComponentBase
{
    [Parameter, EditorRequired]
    public required StepOptionsDraft Options { get; set; }

    /// <summary>The step's, from 0.</summary>
    [Parameter, EditorRequired]
    public int Index { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> Problems { get; set; }

    /// <summary>Raised after each change of the options.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    protected string Field(string part) => $"steps[{Index}].{part}";

    protected string? At(string part) => Problems.At(Field(part));

    protected Task ChangeAsync(Action change)
    {
        change();
        return OnChanged.InvokeAsync();
    }
}
