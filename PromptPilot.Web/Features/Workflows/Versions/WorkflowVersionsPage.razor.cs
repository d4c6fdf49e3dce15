using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows.Versions;

/// <summary>The history of a workflow.</summary>
public sealed partial class WorkflowVersionsPage(
    PageServices services,
    WorkflowService workflowService,
    WorkflowVersionService workflowVersionService
) : PortalPage(services)
{
    private const string Draft = "";

    private readonly List<WorkflowVersionItem> _versions = [];
    private Actor _actor = Actor.Nobody;
    private WorkflowView? _view;
    private WorkflowComparison? _comparison;
    private IReadOnlyList<FlowStep> _steps = [];
    private Dictionary<string, FlowState> _changes = [];
    private Problem? _refused;
    private string? _next;
    private string _shown = "";
    private string _from = "";
    private string _to = "";

    [Parameter]
    public string Id { get; set; } = "";

    private IEnumerable<(string Value, string Name)> Choices =>
        _versions.Select(version => (Value(version.Number), $"Version {version.Number}")).Append((Draft, "The draft"));

    private bool CanCompare => _versions.Count > 1 || _view is { HasUnpublishedChanges: true };

    protected override async Task OnParametersSetAsync()
    {
        if (_view?.Id != Id)
        {
            _actor = await ActorAsync();
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        (_comparison, _refused, _next) = (null, null, null);
        _versions.Clear();
        var view = await workflowService.FindAsync(_actor, Id, Left);
        Problem = view.Problem;
        if (view.IsOk && await MoreAsync())
        {
            _view = view.Value;
            var newest = _versions.Count > 0 ? Value(_versions[0].Number) : Draft;
            (_from, _to) = _versions.Count > 1 ? (Value(_versions[1].Number), newest) : (newest, Draft);
        }
    }

    private async Task<bool> MoreAsync()
    {
        var from = _next;
        var page = await workflowVersionService.ListAsync(_actor, Id, new PageRequest(from), Left);
        if (_next != from)
        {
            // The second half of a double click: that page is here already.
            return true;
        }

        Problem = page.Problem;
        if (page.IsOk)
        {
            _versions.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }

        return page.IsOk;
    }

    private Task ShowAsync(int from, int? to)
    {
        (_from, _to) = (Value(from), to is { } number ? Value(number) : Draft);
        return CompareAsync();
    }

    private async Task CompareAsync()
    {
        var (from, to) = (Number(_from), Number(_to));
        var differences = await workflowVersionService.CompareAsync(_actor, Id, from, to, Left);
        (_refused, _comparison) = (differences.Problem, differences.IsOk ? differences.Value : null);
        _steps = [.. (_comparison?.Steps ?? []).Select(FlowStep.Of)];
        _changes = (_comparison?.Steps ?? []).ToDictionary(step => step.OutputKey, step => ChangeOf(step.Change));
        _shown = $"From {Name(from)} to {Name(to)}";
    }

    private static FlowState ChangeOf(StepChange change) =>
        change switch
        {
            StepChange.Same => new("=", "Unchanged", ""),
            StepChange.Changed => new("±", "Changed", "warn"),
            StepChange.Added => new("+", "Added", "ok"),
            StepChange.Removed => new("−", "Removed", "bad"),
        };

    private static string Name(int? number) => number is null ? "the draft" : $"version {number}";

    private static string Value(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int? Number(string value) => int.TryParse(value, out var number) ? number : null;
}
