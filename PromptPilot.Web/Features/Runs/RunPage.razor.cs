using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Runs;

/// <summary>One run, live: follows its feed and renders what changed, at most ten times a second.</summary>
public sealed partial class RunPage : IAsyncDisposable
{
    private RunPageModel? _model;
    private Problem? _problem;
    private Problem? _refused;
    private IReadOnlyList<RunListItem> _children = [];
    private bool _busy;
    private string? _opened;
    private RunFollower? _follower;

    [Parameter]
    public string Id { get; set; } = "";

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private RunService Runs { get; set; } = default!;

    [Inject]
    private RunReplayService Replays { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private RunView Run => _model!.Run;

    private bool CanRetry => Run.Status is RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut && May(Again);

    /// <summary>What running it again needs: a draft is not published, so only who may edit it runs it.</summary>
    private Permission Again => Run.IsDraft ? Permission.Write : Permission.Run;

    /// <summary>What a retry does, in a sentence.</summary>
    private string RetryPlan
    {
        get
        {
            var kept = Run.Steps.Where(step => step.Status == StepStatus.Succeeded).Select(step => step.OutputKey).ToList();
            var anew = Run
                .Steps.Where(step => step.Status is not (StepStatus.Succeeded or StepStatus.Skipped))
                .Select(step => step.OutputKey)
                .ToList();
            return $"Retry runs {string.Join(", ", anew)}{(kept.Count == 0 ? "" : $" and keeps {string.Join(", ", kept)}")}, with the same versions and inputs.";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_opened != Id)
        {
            _opened = Id;
            await OpenAsync();
        }
    }

    private async Task OpenAsync()
    {
        await CloseAsync();
        (_model, _problem, _refused) = (null, null, null);
        var result = await Runs.WatchAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        if (!result.IsOk)
        {
            _problem = result.Problem;
            return;
        }

        var watch = result.Value;
        _follower = new RunFollower(Time);
        _model = _follower.Look(watch);
        var children = await Runs.ListAsync(
            await CurrentActor.GetAsync(),
            new RunFilter(ParentRunId: Id),
            new PageRequest(Limit: 20),
            CancellationToken.None
        );
        _children = children.IsOk ? children.Value.Items : [];
        if (!RendererInfo.IsInteractive)
        {
            watch.Dispose();
            return;
        }

        _follower.Start(watch, ShowAsync);
    }

    private Task ShowAsync(RunPageModel model) =>
        InvokeAsync(() =>
        {
            _model = model;
            StateHasChanged();
        });

    private bool May(Permission permission) => Viewer is not null && Access.Allows(Viewer.Role, permission);

    private async Task CancelAsync()
    {
        _busy = true;
        var result = await Runs.CancelAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        (_refused, _busy) = (result.Problem, false);
    }

    private async Task RetryAsync()
    {
        _busy = true;
        var result = await Replays.RetryAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        (_refused, _busy) = (result.Problem, false);
        if (result.IsOk)
        {
            Navigation.NavigateTo($"/runs/{result.Value.Id}");
        }
    }

    private async Task DeleteAsync()
    {
        var name = $"run {Format.ShortId(Id)} of “{Run.WorkflowName}”";
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Delete {name}?", "Its outputs, logs and ratings go with it. This cannot be undone."))
        {
            return;
        }

        _busy = true;
        var result = await Runs.DeleteAsync(await CurrentActor.GetAsync(), Id, CancellationToken.None);
        (_refused, _busy) = (result.Problem, false);
        if (result.IsOk)
        {
            Navigation.NavigateTo("/runs");
        }
    }

    private async Task CloseAsync()
    {
        if (_follower is not null)
        {
            await _follower.StopAsync();
            _follower = null;
        }
    }
}
