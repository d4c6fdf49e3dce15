using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>All schedules, live; new ones are made here.</summary>
public sealed partial class SchedulesPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private List<ScheduleRow>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _problem;
    private Problem? _refused;
    private string? _next;
    private string _workflowId = "";
    private Actor _actor = Actor.Nobody;

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    /// <summary><c>on</c> or <c>paused</c>.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private ScheduleService Schedules { get; set; } = default!;

    [Inject]
    private TriggerChanges Changes { get; set; } = default!;

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private ScheduleFilter Filter => new(Text: Text, Enabled: State switch { "on" => true, "paused" => false, _ => null });

    public void Dispose()
    {
        Changes.Changed -= Refresh;
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await CurrentActor.GetAsync();
        var workflows = await Workflows.ListAsync(_actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), _left.Token);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
        if (RendererInfo.IsInteractive)
        {
            Changes.Changed += Refresh;
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private void Refresh() => _ = InvokeAsync(async () =>
    {
        if (!_left.IsCancellationRequested)
        {
            await LoadAsync();
            StateHasChanged();
        }
    });

    private async Task LoadAsync()
    {
        var filter = Filter;
        var page = await Schedules.ListAsync(_actor, filter, new PageRequest(Limit: Math.Clamp(_items?.Count ?? 0, 50, PageRequest.MaxLimit)), CancellationToken.None);
        if (filter == Filter)
        {
            _problem = page.Problem;
            (_items, _next) = page.IsOk ? ([.. page.Value.Items], page.Value.Next) : (_items, _next);
        }
    }

    private async Task MoreAsync()
    {
        var from = _next;
        var page = await Schedules.ListAsync(_actor, Filter, new PageRequest(from), CancellationToken.None);
        if (page.IsOk && from == _next)
        {
            _items?.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private void Set(string name, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrWhiteSpace(value) ? null : value.Trim()));

    private async Task CreateAsync()
    {
        var workflow = await Workflows.FindAsync(_actor, _workflowId, _left.Token);
        _refused = workflow.Problem;
        if (workflow.IsOk)
        {
            await ScheduleDrawer.OpenAsync(Dialogs, workflow.Value, null);
        }
    }
}
