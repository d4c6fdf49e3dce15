using Microsoft.AspNetCore.Components;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class StepOutline
{
    private IReadOnlyList<StepCardFacts> _drawn = [];
    private Dictionary<string, StepCardFacts> _byKey = [];

    [Parameter, EditorRequired]
    public required IReadOnlyList<StepCardFacts> Cards { get; set; }

    [Parameter]
    public EventCallback<(string Key, CardAct Act)> OnAct { get; set; }

    /// <summary>Opens the palette.</summary>
    [Parameter]
    public EventCallback OnAdd { get; set; }

    /// <summary>Selects the workflow itself.</summary>
    [Parameter]
    public EventCallback OnWorkflow { get; set; }

    protected override void OnParametersSet() => _byKey = Cards.ToDictionary(card => card.Key);

    protected override bool ShouldRender()
    {
        var before = _drawn;
        _drawn = Cards;
        return !before.SequenceEqual(Cards);
    }

    protected override void OnInitialized() => _drawn = Cards;
}
