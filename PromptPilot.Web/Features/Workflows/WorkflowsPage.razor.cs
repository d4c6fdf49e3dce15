using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The list of workflows; what is filtered stands in the address.</summary>
public sealed partial class WorkflowsPage : ComponentBase, IDisposable
{
    private static readonly string[] Statuses = ["draft", "published", "archived"];

    private readonly CancellationTokenSource _gone = new();
    private List<WorkflowListItem>? _items;
    private string? _next;
    private Problem? _problem;

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Tag { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private bool MayRun => Viewer is not null && Access.Allows(Viewer.Role, Permission.Run);

    private bool IsFiltered => !string.IsNullOrEmpty(Search) || !string.IsNullOrEmpty(Status) || !string.IsNullOrEmpty(Tag);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var page = await PageAsync(null);
        _problem = page.Problem;
        _items = page.IsOk ? [.. page.Value.Items] : null;
        _next = page.IsOk ? page.Value.Next : null;
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
        return await Workflows.ListAsync(await CurrentActor.GetAsync(), new WorkflowFilter(Search, status, Tag), new PageRequest(after), _gone.Token);
    }

    private void Show(string? search, string? status, string? tag) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters("/workflows", new Dictionary<string, object?> { ["search"] = Null(search), ["status"] = Null(status), ["tag"] = Null(tag) }),
        replace: true);

    private static string? Null(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
