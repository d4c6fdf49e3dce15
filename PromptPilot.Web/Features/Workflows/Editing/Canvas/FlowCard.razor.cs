using Microsoft.AspNetCore.Components;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

public sealed partial class FlowCard
{
    private (DesignPicture? Picture, string? Selected, IReadOnlyDictionary<string, FlowState>? States) _drawn;
    private IReadOnlyDictionary<string, FlowState>? _states;
    private Trials? _watched;

    [Parameter, EditorRequired]
    public required DesignPicture Picture { get; set; }

    /// <summary>The status of the steps is drawn while a try continues, and after it.</summary>
    [Parameter]
    public Trials Trials { get; set; } = new();

    /// <summary>Key of the selected step.</summary>
    [Parameter]
    public string? Selected { get; set; }

    [Parameter]
    public EventCallback<string> OnSelect { get; set; }

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
            _states = Trials.States;
        }
    }

    protected override bool ShouldRender() =>
        !ReferenceEquals(_drawn.Picture, Picture) || _drawn.Selected != Selected || !ReferenceEquals(_drawn.States, _states);

    protected override void OnAfterRender(bool firstRender) => _drawn = (Picture, Selected, _states);

    /// <summary>Text comes ten times a second; the status of the steps changes far less often.</summary>
    private void Look()
    {
        var now = Trials.States;
        if (
            now is null
            || _states is null
            || now.Count != _states.Count
            || now.Any(state => _states.GetValueOrDefault(state.Key) != state.Value)
        )
        {
            if (!ReferenceEquals(now, _states))
            {
                _states = now;
                StateHasChanged();
            }
        }
    }
}
