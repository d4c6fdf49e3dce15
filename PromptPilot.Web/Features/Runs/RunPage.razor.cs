using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs.Steps;

namespace PromptPilot.Web.Features.Runs;

/// <summary>One run, live: follows its feed and renders what changed, at most ten times a second.</summary>
public sealed partial class RunPage(PageServices services, RunService runService, RunReplayService replays, Browser browser)
    : PortalPage(services)
{
    private RunPageModel? _model;
    private Problem? _refused;
    private IReadOnlyList<RunListItem> _children = [];
    private string? _opened;
    private RunFollower? _follower;
    private OpenSteps _open = new();
    private bool _isFollowing = true;
    private bool _showsGraph;

    /// <summary>The record shown instead of the outputs: events or JSON; empty for outputs.</summary>
    private string _record = "";

    [Parameter]
    public string Id { get; set; } = "";

    private RunState Run => _model!.Run;

    private bool AllOpen => _model!.Steps.All(_open.IsOpen);

    /// <summary>What failed in an experiment is run again from there, so that its result is part of it.</summary>
    private bool CanRetry =>
        Run is { IsExperiment: false, Status: RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut } && May(Again);

    private IReadOnlyList<(string, string?)> Path =>
        Run.IsExperiment
            ? [("Runs", "runs"), ($"run {Format.ShortId(Run.Id)}", null)]
            : [("Workflows", "workflows"), (Run.WorkflowName, $"workflows/{Run.WorkflowId}"), ($"run {Format.ShortId(Run.Id)}", null)];

    /// <summary>The permission to run it again: a draft is not published, so only people who can edit it can run it.</summary>
    private Permission Again => Run.IsDraft ? Permission.Write : Permission.Run;

    /// <summary>A sentence about what a retry does.</summary>
    private string RetryPlan
    {
        get
        {
            var replay = Run.Replay(stepId: null);
            var kept = replay.Kept.Select(step => step.OutputKey).ToList();
            var anew = replay.Again.Select(step => step.OutputKey).ToList();
            return $"Retry runs {Shorten.Names(anew)}{(kept.Count == 0 ? "" : $" and keeps {Shorten.Names(kept)}")}, with the same "
                + "versions and inputs.";
        }
    }

    protected override async ValueTask LeaveAsync() => await CloseAsync();

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
        (_model, Problem, _refused, _open, _isFollowing) = (null, null, null, new OpenSteps(), true);
        var result = await runService.WatchAsync(await ActorAsync(), Id, Left);
        if (!result.IsOk)
        {
            Problem = result.Problem;
            return;
        }

        var watch = result.Value;
        _follower = new RunFollower(Time, Logger);
        Take(_follower.Look(watch));
        var children = await runService.ListAsync(await ActorAsync(), new RunFilter(ParentRunId: Id), new PageRequest(Limit: 20), Left);
        _children = children.IsOk ? children.Value.Items : [];
        if (!RendererInfo.IsInteractive)
        {
            watch.Dispose();
            return;
        }

        _follower.Start(
            watch,
            async left => await runService.WatchAsync(await ActorAsync(), Id, left),
            ShowAsync,
            isInterrupted => InvokeAsync(() => Interrupted(isInterrupted))
        );
    }

    private Task ShowAsync(RunPageModel model) =>
        InvokeAsync(() =>
        {
            Take(model);
            StateHasChanged();
        });

    private void Take(RunPageModel model)
    {
        _model = model;
        _open.Update(model.Steps, _isFollowing);
    }

    private void Follow(bool isFollowing)
    {
        _isFollowing = isFollowing;
        _open.Update(_model!.Steps, isFollowing);
    }

    private async Task PrintAsync()
    {
        _open.ChooseAll(_model!.Steps, isOpen: true);
        StateHasChanged();
        await browser.PrintAsync();
    }

    private Task CancelAsync() => OnceAsync(async () => _refused = (await runService.CancelAsync(await ActorAsync(), Id, Left)).Problem);

    private Task RetryAsync() =>
        OnceAsync(async () =>
        {
            var result = await replays.RetryAsync(await ActorAsync(), Id, Left);
            _refused = result.Problem;
            if (result.IsOk)
            {
                Navigation.NavigateTo($"runs/{result.Value.Id}");
            }
        });

    private Task DeleteAsync() =>
        OnceAsync(async () =>
        {
            var name = $"run {Format.ShortId(Id)} of “{Run.WorkflowName}”";
            if (
                !await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Delete {name}?",
                    "Its outputs, logs and ratings are deleted too. This cannot be undone."
                )
            )
            {
                return;
            }

            var result = await runService.DeleteAsync(await ActorAsync(), Id, Left);
            _refused = result.Problem;
            if (result.IsOk)
            {
                Navigation.NavigateTo("runs");
            }
        });

    private async Task CloseAsync()
    {
        if (_follower is not null)
        {
            await _follower.StopAsync();
            _follower = null;
        }
    }
}
