using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing.Trial;

public sealed partial class TestRunPanel(PageServices services, DraftRunService drafts, RunService runService) : PortalComponent(services)
{
    /// <summary>The last inputs of steps that were run alone, by step key.</summary>
    private readonly Dictionary<string, IReadOnlyDictionary<string, JsonElement>> _typed = [];

    /// <summary>
    /// What is typed in each form, that of the whole draft under the empty key: going to another and back loses nothing.
    /// </summary>
    private readonly Dictionary<string, Dictionary<string, string>> _forms = [];

    private RunFollower? _follower;
    private Actor _actor = Actor.Nobody;
    private StepDraft? _step;

    /// <summary>The step that a run of the draft starts from, reusing results of the previous run.</summary>
    private StepDraft? _from;
    private IReadOnlyList<WorkflowInput> _inputs = [];
    private IReadOnlyDictionary<string, JsonElement> _initial = new Dictionary<string, JsonElement>();
    private IReadOnlyList<FieldError> _refused = [];
    private bool _isOpen;
    private bool _showForm = true;
    private bool _cancelling;

    [Parameter, EditorRequired]
    public required DesignSession Session { get; set; }

    [Parameter, EditorRequired]
    public required Trials Trials { get; set; }

    /// <summary>The source of the initial values, unless they are remembered.</summary>
    [Parameter]
    public LastRunValues LastRun { get; set; } = LastRunValues.None;

    /// <summary>Saves a draft that never was; false when it was refused.</summary>
    [Parameter, EditorRequired]
    public required Func<Task<bool>> Save { get; set; }

    /// <summary>Raised with the field of a problem to go to.</summary>
    [Parameter]
    public EventCallback<string> OnGo { get; set; }

    /// <summary>Raised when a try has ended.</summary>
    [Parameter]
    public EventCallback OnEnded { get; set; }

    /// <summary>Raised when the panel is closed.</summary>
    [Parameter]
    public EventCallback OnClosed { get; set; }

    /// <summary>Raised with the id of what should get the focus.</summary>
    [Parameter]
    public EventCallback<string> OnFocus { get; set; }

    private string Title =>
        (_step, _from) switch
        {
            ({ } step, _) => $"Test step {Session.Draft.Steps.IndexOf(Now(step)!) + 1} only: {step.OutputKey}",
            (_, { } from) => $"Test run from {from.OutputKey}",
            _ => "Test run of the draft",
        };

    /// <summary>The run whose results are kept: the one shown, otherwise the newest successful one.</summary>
    private string? EarlierRunId => Trials.OnlyStep is null && Trials.CurrentRunId is { } shown ? shown : LastRun.RunId;

    /// <summary>True if the panel is open for the last test run, whose state is shown.</summary>
    private bool IsShown => Trials.OnlyStep == _step?.Key;

    private RunPageModel? Shown => IsShown ? Trials.Current : null;

    private Dictionary<string, string> Form => CollectionsMarshal.GetValueRefOrAddDefault(_forms, _step?.Key ?? "", out _) ??= [];

    private string Label =>
        (Session.Draft.Id, _step) switch
        {
            (null, _) => "Save and run",
            (_, null) => _from is null ? "Run the draft" : $"Run from {_from.OutputKey}",
            _ => "Run this step",
        };

    /// <summary>The same as the page that runs the published version has; a step alone takes the last run's values instead.</summary>
    private string? RememberAs =>
        _step is null && Session.Draft.Id is { } id && _actor is Actor.Person person ? $"{person.UserId}-{id}" : null;

    /// <summary>Opens the panel for the whole draft, or for one step of it.</summary>
    public async Task OpenAsync(StepDraft? step)
    {
        _actor = await ActorAsync();
        (_isOpen, _showForm, _step, _from, Problem, _refused) = (true, true, step, null, null, []);
        TakeInputs(anew: true);
        StateHasChanged();
        await OnFocus.InvokeAsync("test-run");
    }

    /// <summary>
    /// Runs a step and all steps that depend on it again, with the inputs and other results of the last run.
    /// </summary>
    public async Task RunFromAsync(StepDraft step)
    {
        await OpenAsync(null);
        if (EarlierRunId is null)
        {
            Problem = Problem.Invalid($"There is no earlier run to start from. Run the draft once, then run it from {step.OutputKey}.");
            StateHasChanged();
            return;
        }

        _from = step;
        await RunAsync(new Dictionary<string, JsonElement>());
        StateHasChanged();
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_follower is not null)
        {
            await _follower.DisposeAsync();
        }
    }

    protected override void OnParametersSet()
    {
        if (_isOpen)
        {
            TakeInputs(anew: false);
        }
    }

    /// <summary>The form follows the draft; a new list of inputs, which starts the form over, only where they differ.</summary>
    private void TakeInputs(bool anew)
    {
        if (_step is not null && Now(_step) is not { } step)
        {
            // The step has been deleted.
            (_isOpen, _step) = (false, null);
            _ = OnClosed.InvokeAsync();
            return;
        }

        (_step, _from) = (_step is null ? null : Now(_step), _from is null ? null : Now(_from));
        var inputs = TrialInputs.Of(Session.Draft.ToContent(), _step is null ? null : Session.Draft.Steps.IndexOf(_step));
        if (anew || !TrialInputs.AreSame(inputs, _inputs))
        {
            _inputs = inputs;
            var typed = _step is null ? null : _typed.GetValueOrDefault(_step.Key);
            _initial = inputs
                .Select(input =>
                    (input.Name, Value: typed?.TryGetValue(input.Name, out var value) == true ? value : LastRun.ValueOf(input.Name))
                )
                .Where(pair => pair.Value is not null)
                .ToDictionary(pair => pair.Name, pair => pair.Value!.Value);
        }
    }

    /// <summary>Undo replaces the steps of a draft by others with the same keys.</summary>
    private StepDraft? Now(StepDraft step) => Session.Find(step.Key);

    private Task RunAsync(IReadOnlyDictionary<string, JsonElement> values) =>
        OnceAsync(async () =>
        {
            // A form that has started a run is hidden: what still comes from it is the second half of a double click.
            if (!_showForm)
            {
                return;
            }

            (Problem, _refused) = (null, []);
            var draft = Session.Draft;
            if (draft.FormProblems() is { Count: > 0 } unread)
            {
                _refused = [.. unread.Select(problem => new FieldError(problem.Field, problem.Message))];
                await OnFocus.InvokeAsync("test-run");
                return;
            }

            if (draft.Id is null && !await Save())
            {
                Problem = Problem.Invalid("The draft could not be saved, so the run was not started. See the problems below.");
                return;
            }

            if (_step is not null && Now(_step) is null)
            {
                Problem = Problem.Invalid("This step is no longer in the draft.");
                return;
            }

            await StartAsync(draft, values);
        });

    private async Task StartAsync(WorkflowDraft draft, IReadOnlyDictionary<string, JsonElement> values)
    {
        var step = _step is null ? null : Now(_step);
        var steps = draft.Steps.ToList();
        var parts = TrialInputs.Split(values);
        if (step is not null)
        {
            _typed[step.Key] = values;
        }

        var started = await drafts.StartAsync(
            _actor,
            new DraftRunRequest(draft.Id!, draft.ToContent(), parts.Inputs, step is null ? null : steps.IndexOf(step), parts.Trigger)
            {
                From =
                    _from is not null && Now(_from) is { } from && EarlierRunId is { } earlier
                        ? new DraftFrom(earlier, steps.IndexOf(from))
                        : null,
            },
            Left
        );
        if (Left.IsCancellationRequested || !_isOpen)
        {
            // The page or the panel is closed: the run continues, and is in the list of runs.
            return;
        }

        if (!started.IsOk)
        {
            (Problem, _refused) = TrialInputs.Split(started.Problem);
            _showForm = true;
            if (_refused.Count > 0)
            {
                // The obstacle is shown above the form.
                await OnFocus.InvokeAsync("test-run");
            }

            return;
        }

        Trials.Begin(started.Value.Id, steps, step?.Key);
        _showForm = _cancelling = false;
        var watch = await runService.WatchAsync(_actor, started.Value.Id, Left);
        if (!watch.IsOk)
        {
            Problem = watch.Problem;
            return;
        }

        if (_follower is not null)
        {
            await _follower.StopAsync();
        }

        if (Left.IsCancellationRequested || !_isOpen)
        {
            watch.Value.Dispose();
            return;
        }

        _follower = new RunFollower(Time, Logger);
        var ended = false;
        Trials.Show(_follower.Look(watch.Value));
        _follower.Start(
            watch.Value,
            left => runService.WatchAsync(_actor, started.Value.Id, left),
            model =>
                InvokeAsync(async () =>
                {
                    Trials.Show(model);
                    StateHasChanged();
                    if (model.Run.IsFinished && !ended)
                    {
                        ended = true;
                        await OnEnded.InvokeAsync();
                    }
                }),
            isInterrupted => InvokeAsync(() => Interrupted(isInterrupted))
        );
    }

    private async Task CancelAsync()
    {
        if (Trials.CurrentRunId is { } runId)
        {
            _cancelling = true;
            Problem = (await runService.CancelAsync(_actor, runId, Left)).Problem;
            _cancelling = Problem is null;
        }
    }

    /// <summary>Takes the panel and what steps showed away. A run continues, and stays in the list of runs.</summary>
    private async Task CloseAsync()
    {
        _isOpen = false;
        if (_follower is not null)
        {
            await _follower.StopAsync();
        }

        Trials.Clear();
        await OnClosed.InvokeAsync();
        await OnFocus.InvokeAsync("test-run-button");
    }

    private static string Progress(RunPageModel model)
    {
        var done = model.Run.Steps.Count(step =>
            step.Status
                is not (Core.Runs.State.StepStatus.Pending or Core.Runs.State.StepStatus.Running or Core.Runs.State.StepStatus.Waiting)
        );
        return $"{done} of {(model.Run.Steps.Count == 1 ? "1 step" : $"{model.Run.Steps.Count} steps")}";
    }

    private static long Tokens(RunPageModel model) => model.Steps.SelectMany(step => step.Outputs).Sum(output => (long)output.Tokens);
}
