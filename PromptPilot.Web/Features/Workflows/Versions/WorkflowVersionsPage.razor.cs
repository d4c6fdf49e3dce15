using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows.Versions;

/// <summary>The history of a workflow.</summary>
public sealed partial class WorkflowVersionsPage : ComponentBase, IDisposable
{
    private const string Draft = "";

    private readonly CancellationTokenSource _gone = new();
    private readonly List<WorkflowVersionItem> _versions = [];
    private Actor _actor = Actor.Nobody;
    private WorkflowView? _view;
    private IReadOnlyList<WorkflowDifference>? _differences;
    private Problem? _problem;
    private Problem? _refused;
    private string? _next;
    private string _shown = "";
    private string _from = "";
    private string _to = "";

    [Parameter]
    public string Id { get; set; } = "";

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private WorkflowVersionService Versions { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private IEnumerable<(string Value, string Name)> Choices =>
        _versions.Select(version => (Value(version.Number), $"Version {version.Number}")).Append((Draft, "The draft"));

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_view?.Id != Id)
        {
            _actor = await CurrentActor.GetAsync();
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        (_differences, _refused, _next) = (null, null, null);
        _versions.Clear();
        var view = await Workflows.FindAsync(_actor, Id, _gone.Token);
        _problem = view.Problem;
        if (view.IsOk && await MoreAsync())
        {
            _view = view.Value;
            _to = _versions.Count > 0 ? Value(_versions[0].Number) : Draft;
            _from = _versions.Count > 1 ? Value(_versions[1].Number) : _to;
        }
    }

    private async Task<bool> MoreAsync()
    {
        var from = _next;
        var page = await Versions.ListAsync(_actor, Id, new PageRequest(from), _gone.Token);
        if (_next != from)
        {
            // The second half of a double click: that page is here already.
            return true;
        }

        _problem = page.Problem;
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
        var differences = await Versions.CompareAsync(_actor, Id, from, to, _gone.Token);
        (_refused, _differences) = (differences.Problem, differences.IsOk ? differences.Value : null);
        _shown = $"From {Name(from)} to {Name(to)}";
    }

    private static string Name(int? number) => number is null ? "the draft" : $"version {number}";

    private static string Value(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int? Number(string value) => int.TryParse(value, out var number) ? number : null;
}
