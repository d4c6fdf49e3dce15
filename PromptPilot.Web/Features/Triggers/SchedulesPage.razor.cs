using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>All schedules, live; new ones are made here.</summary>
public sealed partial class SchedulesPage(
    PageServices services,
    ScheduleService scheduleService,
    WorkflowService workflowService,
    TriggerChanges changes
) : TriggersView(services, changes)
{
    private const string WriterText =
        "Choose a workflow above and say when: every weekday at 9:00, each 15 minutes, the first Monday of the month. "
        + "Each time is listed here, also one that was missed, and why.";

    private const string ReaderText = "An architect makes one for a workflow; each of its times is listed here.";

    private List<ScheduleRow>? _items;
    private IReadOnlyList<WorkflowListItem> _workflows = [];
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
        var workflows = await workflowService.ListAsync(Actor, new WorkflowFilter(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    protected override async Task LoadAsync()
    {
        var filter = Filter;
        var page = await scheduleService.ListAsync(
            Actor,
            filter,
            new PageRequest(Limit: Math.Clamp(_items?.Count ?? 0, 50, PageRequest.MaxLimit)),
            Left
        );
        if (filter == Filter)
        {
            Problem = page.Problem;
            (_items, _next) = page.IsOk ? ([.. page.Value.Items], page.Value.Next) : (_items, _next);
        }
    }

    private async Task MoreAsync()
    {
        var from = _next;
        var page = await scheduleService.ListAsync(Actor, Filter, new PageRequest(from), Left);
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
        var workflow = await workflowService.FindAsync(Actor, _workflowId, Left);
        _refused = workflow.Problem;
        if (workflow.IsOk)
        {
            await ScheduleDrawer.OpenAsync(Dialogs, workflow.Value, null);
        }
    }

    private string In(DateTime next) => ScheduleWords.In(next, Time.GetUtcNow().UtcDateTime);
}
