using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Triggers.Schedules;

/// <summary>One schedule: when it is due next, and what became of each time. Live.</summary>
public sealed partial class SchedulePage(
    PageServices services,
    ScheduleService schedules,
    TriggerService triggerService,
    WorkflowService workflows,
    TriggerChanges changes
) : PortalPage(services)
{
    private const int Shown = 100;

    private static readonly IReadOnlyList<(string Value, string Name)> Outcomes =
    [
        .. Enum.GetValues<FiringOutcome>().Select(outcome => (outcome.ToString(), ScheduleWords.Of(outcome).Word)),
    ];

    private ScheduleRow? _row;
    private IReadOnlyList<FiringRow> _firings = [];
    private string _outcome = "";
    private Problem? _refused;

    [Parameter]
    public string Id { get; set; } = "";

    private Actor Actor { get; set; } = Actor.Nobody;

    protected override async Task OnInitializedAsync()
    {
        Actor = await ActorAsync();
        await FollowAsync((_, _) => TriggerWatch.BeginAsync(changes), (watch, left) => watch.NextAsync(left), LoadAsync);
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        FiringOutcome? outcome = Enum.TryParse<FiringOutcome>(_outcome, out var chosen) ? chosen : null;
        var page = await schedules.ListAsync(Actor, new ScheduleFilter(TriggerId: Id), new PageRequest(Limit: 1), Left);
        var firings = await schedules.ListFiringsAsync(Actor, new FiringFilter(Id, outcome), Shown, Left);
        Problem = page.Problem ?? firings.Problem ?? (page.Value.Items.Count == 0 ? Problem.NotFound("schedule") : null);
        if (Problem is null)
        {
            (_row, _firings) = (page.Value.Items[0], firings.Value);
        }
    }

    private Task ChooseAsync(string outcome)
    {
        _outcome = outcome;
        return LoadAsync();
    }

    private Task RunNowAsync() =>
        DoAsync(async row =>
        {
            var started = await schedules.RunNowAsync(Actor, row.Trigger.WorkflowId, Id, Left);
            return started.Problem;
        });

    private Task SwitchAsync() =>
        DoAsync(async row =>
            (
                await triggerService.SetEnabledAsync(Actor, row.Trigger.WorkflowId, Id, !row.Trigger.Enabled, row.Trigger.Revision, Left)
            ).Problem
        );

    private Task EditAsync() =>
        DoAsync(async row =>
        {
            var workflow = await workflows.FindAsync(Actor, row.Trigger.WorkflowId, Left);
            if (workflow.IsOk)
            {
                await ScheduleDrawer.OpenAsync(Dialogs, workflow.Value, row.Trigger);
            }

            return workflow.Problem;
        });

    private async Task DeleteAsync()
    {
        var delete = await Dialogs.ShowMessageBoxAsync(
            "Delete this schedule?",
            "It no longer starts runs, and its history is deleted. Its runs stay.",
            yesText: "Delete",
            cancelText: "Cancel"
        );
        if (delete == true)
        {
            await DoAsync(async row =>
            {
                var deleted = await triggerService.DeleteAsync(Actor, row.Trigger.WorkflowId, Id, null, Left);
                if (deleted.IsOk)
                {
                    StopFollowing();
                    Navigation.NavigateTo("triggers/schedules");
                }

                return deleted.Problem;
            });
        }
    }

    private Task DoAsync(Func<ScheduleRow, Task<Problem?>> act) =>
        OnceAsync(async () =>
        {
            if (_row is not { } row)
            {
                return;
            }

            _refused = await act(row);
            if (_refused is null)
            {
                await LoadAsync();
            }
        });
}
