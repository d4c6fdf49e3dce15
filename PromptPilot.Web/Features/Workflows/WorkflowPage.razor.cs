using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Triggers.Schedules;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>One workflow: its status, flow, newest runs, and the form to start one.</summary>
public sealed partial class WorkflowPage(
    PageServices services,
    WorkflowService workflowService,
    RunService runService,
    RunKeepService keeping,
    ScheduleService schedules,
    ChangeRequestService changes,
    ModelProfileService profiles
) : PortalPage(services)
{
    private const int RunsRead = 30;
    private const int SchedulesRead = 100;

    /// <summary>As many steps as are listed at first: of a hundred, the list would be most of the page.</summary>
    private const int FewSteps = 12;

    private Actor _actor = Actor.Nobody;
    private WorkflowView? _view;
    private IReadOnlyList<RunListItem> _runs = [];
    private bool _showsAllSteps;
    private IReadOnlyList<string> _inputs = [];
    private IReadOnlyList<FlowStep> _steps = [];
    private RetentionRule? _rule;
    private DateTime? _next;
    private IReadOnlyList<ModelProfileName> _endings = [];

    [Parameter]
    public string Id { get; set; } = "";

    private string? WhyNot =>
        _view switch
        {
            { Status: WorkflowStatus.Archived } => "This workflow is archived. Unarchive and publish it to run it.",
            { Status: WorkflowStatus.Draft } => "This workflow is a draft. Publish it to run it.",
            { ManualTrigger.Enabled: false } => "Manual and API runs are paused for this workflow.",
            _ => May(Permission.Run) ? null : "You have view-only access. Ask an admin for the collaborator role to run workflows.",
        };

    protected override async Task OnParametersSetAsync()
    {
        if (_view?.Id == Id)
        {
            return;
        }

        _actor = await ActorAsync();
        Take(await workflowService.FindAsync(_actor, Id, Left));
        var runs = await runService.ListAsync(_actor, new RunFilter(WorkflowId: Id), new PageRequest(Limit: RunsRead), Left);
        _runs = runs.IsOk ? runs.Value.Items : [];
        var rule = await keeping.FindRuleAsync(_actor, Id, Left);
        _rule = rule.IsOk ? rule.Value : null;
        await ReadNextAsync();
        var models = await profiles.ListNamesAsync(_actor, Left);
        _endings = models.IsOk ? [.. models.Value.Where(model => model.End is not null && Uses(model.Id))] : [];
    }

    private bool Uses(string profileId) =>
        _view?.Steps.Any(step => StepArms.ModelsOf(step.Model, step.Options).Contains(profileId)) == true;

    private async Task ReadNextAsync()
    {
        var planned = await schedules.ListAsync(
            _actor,
            new ScheduleFilter(WorkflowId: Id, Enabled: true),
            new PageRequest(Limit: SchedulesRead),
            Left
        );
        _next = planned.IsOk
            ? planned.Value.Items.SelectMany(schedule => schedule.Next.Take(1)).Order().Cast<DateTime?>().FirstOrDefault()
            : null;
    }

    private async Task AddScheduleAsync()
    {
        var drawer = await ScheduleDrawer.OpenAsync(Dialogs, _view!, null);
        await drawer.Result;
        await ReadNextAsync();
    }

    private async Task ReloadAsync() => Take(await workflowService.FindAsync(_actor, Id, Left));

    private Task PublishAsync() =>
        ActAsync(async view =>
        {
            var published = await changes.PublishAsync(_actor, Id, view.Revision, message: null, Left);
            if (published is { IsOk: true, Value.ChangeRequestId: { } request })
            {
                Navigation.NavigateTo($"changes/{request}");
            }

            return published.Map(change => change.Workflow ?? view);
        });

    private Task ArchiveAsync() => ActAsync(view => workflowService.ArchiveAsync(_actor, Id, view.Revision, Left));

    private Task UnarchiveAsync() => ActAsync(view => workflowService.UnarchiveAsync(_actor, Id, view.Revision, Left));

    private Task ToggleManualAsync() =>
        ActAsync(view => workflowService.SetManualTriggerAsync(_actor, Id, !view.ManualTrigger.Enabled, view.Revision, Left));

    private Task DeleteAsync() =>
        OnceAsync(async () =>
        {
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Delete the workflow “{_view!.Name}”?",
                    "Its versions, runs and logs are deleted too. This cannot be undone. Archive it instead to keep them."
                )
            )
            {
                return;
            }

            var deleted = await workflowService.DeleteAsync(_actor, Id, _view.Revision, Left);
            Problem = deleted.Problem;
            if (deleted.IsOk)
            {
                Navigation.NavigateTo("workflows");
            }
        });

    private Task ActAsync(Func<WorkflowView, Task<Result<WorkflowView>>> act) => OnceAsync(async () => Take(await act(_view!)));

    /// <summary>Shows the result. After a refusal the displayed workflow stays.</summary>
    private void Take(Result<WorkflowView> result)
    {
        Problem = result.Problem;
        if (result.IsOk)
        {
            _view = result.Value;
            (_inputs, _steps) = ([.. _view.Inputs.Select(input => input.Name)], FlowStep.Of(_view));
        }
    }

    private IReadOnlyList<CallSnippet> Snippets(Uri portal) =>
        CallSnippets.OfWorkflow(portal, Id, [.. (_view!.Published?.Definition.Inputs ?? _view.Inputs).Select(CallSnippets.Example)]);
}
