using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Triggers.Webhooks;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class StepCard
{
    private StepCardModel? _shown;
    private bool _dirty = true;

    [Parameter, EditorRequired]
    public StepCardModel Model { get; set; } = default!;

    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    private StepState Step => Model.Step;

    private string TitleId => "step-" + Step.StepId;

    private int Attempts => Step.Attempts.Count == 0 || Step.ItemCount is not null ? 0 : Step.Attempts.Max(attempt => attempt.Attempt);

    /// <summary>Failed attempts that another one followed.</summary>
    private List<AttemptState> Earlier =>
        Step.ItemCount is not null
            ? []
            : Step
                .Attempts.Where(attempt =>
                    attempt is { IsOpen: false, Status: not ExecutionStatus.Success }
                    && !Model.Outputs.Any(output => output.Attempt == attempt)
                )
                .ToList();

    protected override void OnParametersSet()
    {
        _dirty = _shown is null || !Model.LooksLike(_shown);
        _shown = Model;
    }

    /// <summary>A page full of steps is rendered ten times a second: those that stand still are not.</summary>
    protected override bool ShouldRender()
    {
        var dirty = _dirty;
        _dirty = true;
        return dirty;
    }
}
