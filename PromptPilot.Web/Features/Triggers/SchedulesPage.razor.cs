using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>All schedules, live; new ones are made here.</summary>
public sealed partial class SchedulesPage
{
    private List<ScheduleRow>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _problem;
    private Problem? _refused;
    private string? _next;
    private string _workflowId = "";

    [SupplyParameterFromQuery(Name = "text")]
    private string? Text { get; set; }

    /// <summary><c>on</c> or <c>paused</c>.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    /// <summary>A <see cref="ScheduleSort"/>.</summary>
    [SupplyParameterFromQuery(Name = "sort")]
    private string? Sort { get; set; }

    [Inject]
    private ScheduleService Schedules { get; set; } = default!;

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private ScheduleFilter Filter =>
        new(
            Text: Text,
            Enabled: State switch
            {
                "on" => true,
                "paused" => false,
                _ => null,
            },
            Sort: Enum.TryParse<ScheduleSort>(Sort, ignoreCase: true, out var sort) && Enum.IsDefined(sort) ? sort : ScheduleSort.Oldest
        );

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        var workflows = await Workflows.ListAsync(
            Actor,
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            CancellationToken.None
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override async Task LoadAsync()
    {
        var filter = Filter;
        var page = await Schedules.ListAsync(
            Actor,
            filter,
            new PageRequest(Limit: Math.Clamp(_items?.Count ?? 0, 50, PageRequest.MaxLimit)),
            CancellationToken.None
        );
        if (filter == Filter)
        {
            _problem = page.Problem;
            (_items, _next) = page.IsOk ? ([.. page.Value.Items], page.Value.Next) : (_items, _next);
        }
    }

    private async Task MoreAsync()
    {
        var from = _next;
        var page = await Schedules.ListAsync(Actor, Filter, new PageRequest(from), CancellationToken.None);
        if (page.IsOk && from == _next)
        {
            _items?.AddRange(page.Value.Items);
            _next = page.Value.Next;
        }
    }

    private void Set(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrWhiteSpace(value) ? null : value.Trim()));

    private async Task CreateAsync()
    {
        var workflow = await Workflows.FindAsync(Actor, _workflowId, CancellationToken.None);
        _refused = workflow.Problem;
        if (workflow.IsOk)
        {
            await ScheduleDrawer.OpenAsync(Dialogs, workflow.Value, null);
        }
    }
}
