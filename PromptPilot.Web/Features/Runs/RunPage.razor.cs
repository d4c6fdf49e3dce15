using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Runs;

/// <summary>One run, live: follows its feed and renders what changed, at most ten times a second.</summary>
public sealed partial class RunPage : IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>How often clock and live bars move while no text comes.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private RunPageModel? _model;
    private Problem? _problem;
    private Problem? _refused;
    private IReadOnlyList<RunListItem> _children = [];
    private bool _busy;
    private string? _opened;
    private CancellationTokenSource? _stop;
    private Task _following = Task.CompletedTask;

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

    private bool CanRetry => Run.Status is RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut && May(Permission.Run);

    /// <summary>What a retry does, in a sentence.</summary>
    private string RetryPlan
    {
        get
        {
            var kept = Run.Steps.Where(step => step.Status == StepStatus.Succeeded).Select(step => step.OutputKey).ToList();
            var anew = Run.Steps.Where(step => step.Status is not (StepStatus.Succeeded or StepStatus.Skipped)).Select(step => step.OutputKey).ToList();
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
        _model = Compute(watch);
        var children = await Runs.ListAsync(await CurrentActor.GetAsync(), new RunFilter(ParentRunId: Id), new PageRequest(Limit: 20), CancellationToken.None);
        _children = children.IsOk ? children.Value.Items : [];
        if (!RendererInfo.IsInteractive)
        {
            watch.Dispose();
            return;
        }

        _stop = new CancellationTokenSource();
        var stopped = _stop.Token;
        _following = Task.Run(() => FollowAsync(watch, stopped), CancellationToken.None);
    }

    /// <summary>Runs beside the circuit, so that Markdown is not rendered on its thread.</summary>
    private async Task FollowAsync(RunWatch watch, CancellationToken stopped)
    {
        using (watch)
        {
            try
            {
                var changed = watch.NextAsync(stopped);
                while (true)
                {
                    if (await FirstAsync(changed, stopped))
                    {
                        var more = await changed;
                        changed = more ? watch.NextAsync(stopped) : changed;
                        await ShowAsync(Compute(watch));
                        if (!more)
                        {
                            return;
                        }

                        // What arrives meanwhile is shown together; a first token after a pause is shown at once.
                        await Task.Delay(Frame, Time, stopped);
                    }
                    else
                    {
                        await ShowAsync(Compute(watch));
                    }
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                // The viewer has left.
            }
        }
    }

    /// <summary>Whether a change came before the next tick.</summary>
    private async Task<bool> FirstAsync(Task<bool> changed, CancellationToken stopped)
    {
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        var first = await Task.WhenAny(changed, Task.Delay(Tick, Time, tick.Token));
        await tick.CancelAsync();
        return first == changed;
    }

    private Task ShowAsync(RunPageModel model) => InvokeAsync(() =>
    {
        _model = model;
        StateHasChanged();
    });

    private RunPageModel Compute(RunWatch watch) => RunPageModel.Of(watch.View with { QueuePosition = watch.QueuePosition }, (step, attempt) => TextOf(watch, step, attempt), Time.GetUtcNow().UtcDateTime);

    private static MarkdownView TextOf(RunWatch watch, StepView step, AttemptView attempt) =>
        watch.TextOf(step.StepId, attempt.ItemIndex, attempt.Attempt) is { } live
            ? MarkdownStream.Of(live).Update(live)
            : MarkdownStream.Of(attempt.Text);

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
        if (_stop is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
        _stop = null;
    }
}
