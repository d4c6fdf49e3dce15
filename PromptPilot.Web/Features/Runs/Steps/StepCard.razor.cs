using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Web.Features.Runs.Steps;

public sealed partial class StepCard
{
    private (StepCardModel Model, bool IsOpen, bool RunIsFinished)? _drawn;

    [Parameter, EditorRequired]
    public StepCardModel Model { get; set; } = default!;

    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    [Parameter]
    public bool IsOpen { get; set; } = true;

    /// <summary>Raised when the reader opens or folds it.</summary>
    [Parameter]
    public EventCallback OnToggle { get; set; }

    private StepState Step => Model.Step;

    private string TitleId => "step-" + Step.StepId;

    private bool IsStreaming => !Run.IsFinished && Step.Status == StepStatus.Running && Step.Attempts.Any(attempt => attempt.IsOpen);

    private int Attempts => Step.Attempts.Count == 0 || Step.ItemCount is not null ? 0 : Step.Attempts.Max(attempt => attempt.Attempt);

    /// <summary>The profile of the newest call: the step's own or a fallback.</summary>
    private string ProfileName => (Step.Attempts.Count == 0 ? null : Step.Attempts[^1].ProfileName) ?? Step.ProfileName;

    private string? Took => Step.Attempts.Any(attempt => attempt.IsOpen) ? null : TimelineModel.Time(Run, Step, default);

    private long Cost => Step.Attempts.Where(attempt => !attempt.IsReused).Sum(attempt => attempt.Cost);

    /// <summary>For a list, the items are shown instead. A failure with a retry is shown as what it waits for.</summary>
    private IEnumerable<StepOutputModel> Outputs =>
        Step.ItemCount is null ? Model.Outputs.Where(output => Model.Wait is null || output.Attempt.RetryAt is null) : [];

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

    /// <summary>A page full of steps is rendered ten times a second: those that stay the same are not.</summary>
    protected override bool ShouldRender()
    {
        var isNew =
            _drawn is not var (model, isOpen, isFinished)
            || isOpen != IsOpen
            || isFinished != Run.IsFinished
            || (IsOpen ? !Model.LooksLike(model) : !LooksFolded(model));
        if (isNew)
        {
            _drawn = (Model, IsOpen, Run.IsFinished);
        }

        return isNew;
    }

    protected override void OnInitialized() => _drawn = (Model, IsOpen, Run.IsFinished);

    /// <summary>Folded, what arrives is not seen.</summary>
    private bool LooksFolded(StepCardModel other) =>
        Step == other.Step && (Model.Wait, Model.Summary, Model.IsFinal) == (other.Wait, other.Summary, other.IsFinal);
}
