using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Web.Features.Workflows.Editing.Trial;

public sealed partial class StepTrialCard
{
    private Trials? _watched;
    private StepTrial? _shown;
    private bool _isOpen = true;

    [Parameter, EditorRequired]
    public required Trials Trials { get; set; }

    [Parameter, EditorRequired]
    public required string StepKey { get; set; }

    /// <summary>Raised with the key of a step to run it again with all steps that depend on it.</summary>
    [Parameter]
    public EventCallback<string> OnFrom { get; set; }

    private bool IsStreaming =>
        _shown is { Run.IsFinished: false, Step.Step: { Status: StepStatus.Running } step } && step.Attempts.Any(attempt => attempt.IsOpen);

    private bool Alone => _shown?.Run.OnlyStep is not null;

    public void Dispose()
    {
        if (_watched is not null)
        {
            _watched.Changed -= Look;
        }
    }

    protected override void OnParametersSet()
    {
        if (_watched != Trials)
        {
            Dispose();
            _watched = Trials;
            _watched.Changed += Look;
        }

        _shown = Trials.Of(StepKey);
    }

    private void Look()
    {
        var now = Trials.Of(StepKey);
        if (now is null ? _shown is not null : !now.LooksLike(_shown))
        {
            _shown = now;
            StateHasChanged();
        }
    }
}
