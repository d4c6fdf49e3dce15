using Microsoft.AspNetCore.Components;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

public sealed partial class StepCanvas
{
    private IReadOnlyList<StepCardFacts> _drawn = [];
    private Dictionary<string, StepCardFacts> _byKey = [];
    private Trials? _watched;
    private int _tried;
    private bool _isDrawn;

    [Parameter, EditorRequired]
    public required IReadOnlyList<StepCardFacts> Cards { get; set; }

    /// <summary>What steps came to when they were tried; each draws its own below its card.</summary>
    [Parameter]
    public Trials Trials { get; set; } = new();

    [Parameter]
    public EventCallback<(string Key, CardAct Act)> OnAct { get; set; }

    /// <summary>Opens the palette where there is no room for it.</summary>
    [Parameter]
    public EventCallback OnAdd { get; set; }

    /// <summary>Selects the workflow itself.</summary>
    [Parameter]
    public EventCallback OnWorkflow { get; set; }

    public void Dispose()
    {
        if (_watched is not null)
        {
            _watched.Changed -= Look;
        }
    }

    protected override void OnParametersSet()
    {
        _byKey = Cards.ToDictionary(card => card.Key);
        if (_watched != Trials)
        {
            Dispose();
            _watched = Trials;
            _watched.Changed += Look;
        }
    }

    protected override bool ShouldRender() => !_isDrawn || _tried != Trials.Generation || !_drawn.SequenceEqual(Cards);

    protected override void OnAfterRender(bool firstRender) => (_isDrawn, _drawn, _tried) = (true, Cards, Trials.Generation);

    private void Look()
    {
        if (_tried != Trials.Generation)
        {
            StateHasChanged();
        }
    }
}
