using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>All schedules, live; new ones are made here.</summary>
public sealed partial class SchedulesPage(
    PageServices services,
    ScheduleService scheduleService,
    WorkflowService workflowService,
    TriggerChanges changes
) : ListPage<SchedulesQuery, ScheduleRow>(services)
{
    private const string WriterText =
        "Choose a workflow above and set a time: every weekday at 9:00, every 15 minutes, the first Monday of the month. "
        + "Every firing is listed with its outcome.";

    private const string ReaderText = "Architects create schedules for workflows. Every firing is listed with its outcome.";

    private IReadOnlyList<WorkflowListItem> _workflows = [];
    private Problem? _refused;
    private string _workflowId = "";

    protected override bool IsFiltered => Filter is not { Text: null, State: null };

    protected override string IdOf(ScheduleRow item) => item.Trigger.Id;

    protected override async Task<Result<Page<ScheduleRow>>> ListAsync(SchedulesQuery filter, PageRequest request) =>
        await scheduleService.ListAsync(await ActorAsync(), filter.ToFilter(), request, Left);

    protected override async Task OnInitializedAsync()
    {
        await FollowAsync((_, _) => TriggerWatch.BeginAsync(changes), (watch, left) => watch.NextAsync(left), RefreshAsync);
        await base.OnInitializedAsync();
        var workflows = await workflowService.ListAsync(
            await ActorAsync(),
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            Left
        );
        _workflows = workflows.IsOk ? workflows.Value.Items : [];
    }

    private async Task CreateAsync()
    {
        if (_workflowId.Length == 0)
        {
            _refused = Core.Shared.Problem.Invalid("Choose a workflow first.");
            return;
        }

        var workflow = await workflowService.FindAsync(await ActorAsync(), _workflowId, Left);
        _refused = workflow.Problem;
        if (workflow.IsOk)
        {
            await ScheduleDrawer.OpenAsync(Dialogs, workflow.Value, null);
        }
    }

    private string In(DateTime next) => ScheduleWords.In(next, Time.GetUtcNow().UtcDateTime);
}
