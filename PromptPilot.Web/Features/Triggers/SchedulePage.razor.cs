using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Triggers;

/// <summary>One schedule: when it is due next, and what became of each time. Live.</summary>
public sealed partial class SchedulePage
{
    private const int Shown = 100;

    private static readonly IReadOnlyList<(string Value, string Name)> Outcomes =
    [
        .. Enum.GetValues<FiringOutcome>().Select(outcome => (outcome.ToString(), ScheduleWords.Of(outcome).Word)),
    ];

    private ScheduleRow? _row;
    private IReadOnlyList<FiringRow> _firings = [];
    private string _outcome = "";
    private Problem? _problem;
    private Problem? _refused;
    private bool _busy;

    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    private ScheduleService Schedules { get; set; } = default!;

    [Inject]
    private TriggerService Triggers { get; set; } = default!;

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        FiringOutcome? outcome = Enum.TryParse<FiringOutcome>(_outcome, out var chosen) ? chosen : null;
        var page = await Schedules.ListAsync(Actor, new ScheduleFilter(TriggerId: Id), new PageRequest(Limit: 1), CancellationToken.None);
        var firings = await Schedules.ListFiringsAsync(Actor, new FiringFilter(Id, outcome), Shown, CancellationToken.None);
        _problem = page.Problem ?? firings.Problem ?? (page.Value.Items.Count == 0 ? Problem.NotFound("schedule") : null);
        if (_problem is null)
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
            var started = await Schedules.RunNowAsync(Actor, row.Trigger.WorkflowId, Id, CancellationToken.None);
            return started.Problem;
        });

    private Task SwitchAsync() =>
        DoAsync(async row =>
            (
                await Triggers.SetEnabledAsync(
                    Actor,
                    row.Trigger.WorkflowId,
                    Id,
                    !row.Trigger.Enabled,
                    row.Trigger.Revision,
                    CancellationToken.None
                )
            ).Problem
        );

    private Task EditAsync() =>
        DoAsync(async row =>
        {
            var workflow = await Workflows.FindAsync(Actor, row.Trigger.WorkflowId, CancellationToken.None);
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
            "It starts no run any more, and what became of its times goes with it. Its runs stay.",
            yesText: "Delete",
            cancelText: "Keep"
        );
        if (delete == true)
        {
            await DoAsync(async row =>
            {
                var deleted = await Triggers.DeleteAsync(Actor, row.Trigger.WorkflowId, Id, null, CancellationToken.None);
                if (deleted.IsOk)
                {
                    Leave();
                    Navigation.NavigateTo("/triggers/schedules");
                }

                return deleted.Problem;
            });
        }
    }

    private async Task DoAsync(Func<ScheduleRow, Task<Problem?>> act)
    {
        if (_busy || _row is not { } row)
        {
            return;
        }

        _busy = true;
        try
        {
            _refused = await act(row);
            if (_refused is null)
            {
                await LoadAsync();
            }
        }
        finally
        {
            _busy = false;
        }
    }
}
