using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Experiments;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Experiments;

public sealed partial class CaseOutputs(PageServices services, ExperimentResultService results) : PortalComponent(services)
{
    private Dictionary<string, string?>? _outputs;
    private int _shown;

    [Parameter, EditorRequired]
    public ExperimentView View { get; set; } = default!;

    [Parameter, EditorRequired]
    public CaseResult Row { get; set; } = default!;

    private string? Baseline => Row.Cells[0].Select(OutputOf).FirstOrDefault(output => output is not null);

    /// <summary>Reads again when another call of the case has ended.</summary>
    protected override async Task OnParametersSetAsync()
    {
        var ended = Row.Cells.Sum(cells => cells.Count(cell => cell.LogId is not null));
        if (_outputs is not null && ended == _shown)
        {
            return;
        }

        var found = await results.FindOutputsAsync(await ActorAsync(), View.Id, Row.CaseId, Left);
        Problem = found.Problem;
        if (found.IsOk)
        {
            (_outputs, _shown) = (found.Value.ToDictionary(output => output.CellId, output => output.Output), ended);
        }
    }

    private string? OutputOf(CellResult cell) => _outputs?.GetValueOrDefault(cell.Id);
}
