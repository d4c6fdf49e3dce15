using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>One workflow: how it stands, what it does, its newest runs, and the form that starts one.</summary>
public sealed partial class WorkflowPage : ComponentBase, IDisposable
{
    private const int RunsShown = 8;

    private readonly CancellationTokenSource _gone = new();
    private Actor _actor = Actor.Nobody;
    private WorkflowView? _view;
    private IReadOnlyList<RunListItem> _runs = [];
    private IReadOnlyList<string> _inputs = [];
    private IReadOnlyList<FlowStep> _steps = [];
    private RetentionRule? _rule;
    private Problem? _problem;
    private bool _busy;

    [Parameter]
    public string Id { get; set; } = "";

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private RunService Runs { get; set; } = default!;

    [Inject]
    private RunKeepService Keeping { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    private bool MayWrite => Viewer is not null && Access.Allows(Viewer.Role, Permission.Write);

    private bool MayRun => Viewer is not null && Access.Allows(Viewer.Role, Permission.Run);

    private string? WhyNot =>
        _view switch
        {
            { Status: WorkflowStatus.Archived } => "This workflow is archived. Take it out of the archive and publish it to run it.",
            { Status: WorkflowStatus.Draft } => "This workflow is a draft. Publish it to run it.",
            { ManualTrigger.Enabled: false } => "Runs by page and API are paused for this workflow.",
            _ => MayRun ? null : "Your role lets you look at runs but not start them.",
        };

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_view?.Id == Id)
        {
            return;
        }

        _actor = await CurrentActor.GetAsync();
        Take(await Workflows.FindAsync(_actor, Id, _gone.Token));
        var runs = await Runs.ListAsync(_actor, new RunFilter(WorkflowId: Id), new PageRequest(Limit: RunsShown), _gone.Token);
        _runs = runs.IsOk ? runs.Value.Items : [];
        var rule = await Keeping.FindRuleAsync(_actor, Id, _gone.Token);
        _rule = rule.IsOk ? rule.Value : null;
    }

    private Task PublishAsync() => ActAsync(view => Workflows.PublishAsync(_actor, Id, view.Revision, _gone.Token));

    private Task ArchiveAsync() => ActAsync(view => Workflows.ArchiveAsync(_actor, Id, view.Revision, _gone.Token));

    private Task UnarchiveAsync() => ActAsync(view => Workflows.UnarchiveAsync(_actor, Id, view.Revision, _gone.Token));

    private Task ToggleManualAsync() =>
        ActAsync(view => Workflows.SetManualTriggerAsync(_actor, Id, !view.ManualTrigger.Enabled, view.Revision, _gone.Token));

    private async Task DeleteAsync()
    {
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the workflow “{_view!.Name}”?",
                "Its versions, its runs and their logs go with it. This cannot be undone; archiving keeps them."
            )
        )
        {
            return;
        }

        var deleted = await Workflows.DeleteAsync(_actor, Id, _view.Revision, _gone.Token);
        _problem = deleted.Problem;
        if (deleted.IsOk)
        {
            Navigation.NavigateTo("/workflows");
        }
    }

    private async Task ActAsync(Func<WorkflowView, Task<Result<WorkflowView>>> act)
    {
        _busy = true;
        try
        {
            Take(await act(_view!));
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>Shows what came of it; after a refusal the workflow stays as it was shown.</summary>
    private void Take(Result<WorkflowView> result)
    {
        _problem = result.Problem;
        if (result.IsOk)
        {
            _view = result.Value;
            (_inputs, _steps) = ([.. _view.Inputs.Select(input => input.Name)], FlowStep.Of(_view));
        }
    }
}
