using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The list of workflows; what is filtered stands in the address.</summary>
public sealed partial class WorkflowsPage : ComponentBase, IDisposable
{
    private static readonly string[] Statuses = ["draft", "published", "archived"];

    private readonly CancellationTokenSource _gone = new();
    private readonly SearchText _typed = new();
    private List<WorkflowListItem>? _items;
    private string? _next;
    private Problem? _problem;
    private WorkflowFacets _facets = new([], []);
    private IReadOnlyList<WorkflowSample> _samples = [];
    private bool _making;

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Tag { get; set; }

    [SupplyParameterFromQuery]
    public string? Owner { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private WorkflowSampleService Samples { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private bool MayRun => Viewer is not null && Access.Allows(Viewer.Role, Permission.Run);

    private bool IsFiltered => !string.IsNullOrEmpty(Search + Status + Tag + Owner);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var facets = await Workflows.ListFacetsAsync(await CurrentActor.GetAsync(), _gone.Token);
        _facets = facets.IsOk ? facets.Value : _facets;
        var samples = await Samples.ListAsync(await CurrentActor.GetAsync(), _gone.Token);
        _samples = samples.IsOk ? samples.Value : [];
    }

    protected override Task OnParametersSetAsync()
    {
        _typed.Arrive(Search);
        return LoadAsync();
    }

    private static IEnumerable<(string Value, string Name)> Words(IEnumerable<string> words) => words.Select(word => (word, word));

    private async Task LoadAsync()
    {
        var wanted = Navigation.Uri;
        var page = await PageAsync(null);
        if (wanted != Navigation.Uri)
        {
            return;
        }

        _problem = page.Problem;
        _items = page.IsOk ? [.. page.Value.Items] : null;
        _next = page.IsOk ? page.Value.Next : null;
    }

    /// <summary>Makes a draft of a sample and opens it in the designer.</summary>
    private async Task MakeAsync(WorkflowSample sample)
    {
        if (_making)
        {
            return;
        }

        _making = true;
        var made = await Samples.CreateAsync(await CurrentActor.GetAsync(), sample.Name, _gone.Token);
        (_problem, _making) = (made.Problem, made.IsOk);
        if (made.IsOk)
        {
            Navigation.NavigateTo($"/workflows/{made.Value.Id}/edit");
        }
    }

    private async Task MoreAsync()
    {
        var page = await PageAsync(_next);
        _problem = page.Problem;
        if (page.IsOk)
        {
            _items!.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private async Task<Result<Page<WorkflowListItem>>> PageAsync(string? after)
    {
        WorkflowStatus? status = Enum.TryParse<WorkflowStatus>(Status, ignoreCase: true, out var parsed) ? parsed : null;
        return await Workflows.ListAsync(
            await CurrentActor.GetAsync(),
            new WorkflowFilter(Search, status, Tag, Owner),
            new PageRequest(after),
            _gone.Token
        );
    }

    private async Task TypedAsync(string? text)
    {
        if (await _typed.TypeAsync(text ?? "", Time, _gone.Token))
        {
            Navigation.NavigateTo(Address("search", _typed.Shown), replace: true);
        }
    }

    private void Set(string name, string value) => Navigation.NavigateTo(Address(name, value));

    private string Address(string name, string value) =>
        Navigation.GetUriWithQueryParameters(
            "/workflows",
            new Dictionary<string, object?>
            {
                ["search"] = Null(Search),
                ["status"] = Null(Status),
                ["tag"] = Null(Tag),
                ["owner"] = Null(Owner),
                [name] = Null(value),
            }
        );

    private static string? Null(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
