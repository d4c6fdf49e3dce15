using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Compare;

/// <summary>Two runs side by side. Their ids are in the URL, so that it can be shared.</summary>
public sealed partial class ComparePage(PageServices services, RunCompareService comparing, RunService runService) : PortalPage(services)
{
    private const int Offered = 50;

    private RunComparison? _comparison;
    private IReadOnlyList<RunListItem> _newest = [];
    private (string?, string?)? _opened;
    private string _left = "";
    private string _right = "";
    private bool _isLoading;
    private bool _choosing;
    private bool? _isInline;

    [SupplyParameterFromQuery(Name = "left")]
    public string? LeftId { get; set; }

    [SupplyParameterFromQuery(Name = "right")]
    public string? RightId { get; set; }

    /// <summary>Output key of the step that is shown first.</summary>
    [SupplyParameterFromQuery(Name = "step")]
    public string? FirstStep { get; set; }

    private string Title =>
        _comparison!.Left.WorkflowName == _comparison.Right.WorkflowName ? $"Two runs of {_comparison.Left.WorkflowName}" : "Two runs";

    /// <summary>Compares two runs. Asks for the right one if it is missing.</summary>
    /// <param name="step">Output key of the step to show first.</param>
    internal static string Address(string? leftId, string? rightId, string? step = null) =>
        $"runs/compare?left={Uri.EscapeDataString(leftId ?? "")}{(rightId is null ? "" : $"&right={Uri.EscapeDataString(rightId)}")}"
        + (step is null ? "" : $"&step={Uri.EscapeDataString(step)}");

    /// <summary>The id in what someone pasted: an id, or the address of a run's page.</summary>
    internal static string IdIn(string pasted)
    {
        var text = pasted.Trim().TrimEnd('/').Split('?', '#')[0].TrimEnd('/');
        return text[(text.LastIndexOf('/') + 1)..];
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_opened == (LeftId, RightId))
        {
            return;
        }

        _opened = (LeftId, RightId);
        (_left, _right, _comparison, Problem, _choosing) = (LeftId ?? "", RightId ?? "", null, null, false);
        var actor = await ActorAsync();
        var newest = await runService.ListAsync(actor, new RunFilter(), new PageRequest(Limit: Offered), Left);
        _newest = newest.IsOk ? newest.Value.Items : [];
        if (_left.Length == 0 || _right.Length == 0)
        {
            return;
        }

        _isLoading = true;
        var result = await comparing.CompareAsync(actor, _left, _right, Left);
        (_comparison, Problem, _isLoading) = (result.IsOk ? result.Value : null, result.Problem, false);
    }

    private void Set(string name, ChangeEventArgs change)
    {
        var id = IdIn(change.Value as string ?? "");
        (_left, _right) = name == "left" ? (id, _right) : (_left, id);
    }

    private void Compare()
    {
        var missing = new[] { ("left", _left), ("right", _right) }
            .Where(side => side.Item2.Length == 0)
            .Select(side => new FieldError(side.Item1, "Enter a run."))
            .ToList();
        if (missing.Count > 0)
        {
            Problem = Problem.Invalid("Enter two runs.", missing);
            return;
        }

        _choosing = false;
        Navigation.NavigateTo(Address(_left, _right, FirstStep));
    }

    private string Differ => _comparison is { DifferentSteps: 1, Steps.Count: 1 } ? "differs" : "differ";

    private string Name(string parent) => parent == LeftId || parent == RightId ? "the other run" : $"run {Format.ShortId(parent)}";
}
