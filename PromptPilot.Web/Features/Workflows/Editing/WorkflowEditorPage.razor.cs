using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>The form of a workflow: edits a <see cref="WorkflowDraft"/>, checks it after each change, saves and publishes.</summary>
public sealed partial class WorkflowEditorPage : ComponentBase, IDisposable
{
    private static readonly TimeSpan CheckDelay = TimeSpan.FromMilliseconds(150);

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _check;
    private Actor _actor = Actor.Nobody;
    private WorkflowDraft? _draft;
    private WorkflowView? _saved;
    private ModelChoices? _models;
    private IReadOnlyList<WorkflowProblem> _problems = [];
    private string? _loadProblem;
    private string? _refusal;
    private bool _stale;
    private bool _busy;
    private bool _touched;

    [Parameter]
    public string? Id { get; set; }

    [Inject]
    private WorkflowService Workflows { get; set; } = default!;

    [Inject]
    private StepPickerService Pickers { get; set; } = default!;

    [Inject]
    private Access Access { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private IJSRuntime Js { get; set; } = default!;

    private string Title => Id is null ? "New workflow" : _saved?.Name ?? "Workflow";

    private IReadOnlyList<(string Name, string? Href)> Path => Id is null
        ? [("Workflows", "/workflows"), ("New", null)]
        : [("Workflows", "/workflows"), (_saved?.Name ?? "Workflow", $"/workflows/{Id}"), ("Edit", null)];

    private string SaveState => _busy ? "Saving…" : _draft is { IsDirty: true } ? "Unsaved changes" : _saved is null ? "" : "All changes saved";

    /// <summary>A new form is not scolded before anything was typed.</summary>
    private IReadOnlyList<WorkflowProblem> ShownProblems => _touched || Id is not null ? _problems : [];

    private IReadOnlyList<FlowStep> Drawn =>
    [
        .. _draft!.Steps.Select((step, i) => new FlowStep(
            step.OutputKey,
            $"{step.Prompt.Name} · {_models!.Models.FirstOrDefault(m => m.Id == step.Model)?.Name ?? "no model"}",
            FlowStep.ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach))
        {
            Key = step.Key,
            Problem = _problems.Any(p => p.Field.StartsWith($"steps[{i}].", StringComparison.Ordinal)) ? "has a problem" : null,
            Marks = OptionMarks.OfFlow(step.Options.ToOptions().Tidy()),
        }),
    ];

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        _check?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        // Saving a new workflow moves to its address: what is on the page already is that workflow.
        if (_draft is not null && _draft.Id == Id)
        {
            return;
        }

        _draft = null;
        _actor = await CurrentActor.GetAsync();
        var allowed = await Access.RequireAsync(_actor, Permission.Write, _gone.Token);
        var models = await Pickers.ListModelsAsync(_actor, _gone.Token);
        _loadProblem = allowed.Problem?.Message ?? models.Problem?.Message;
        if (_loadProblem is null)
        {
            _models = models.Value;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        if (Id is null)
        {
            _draft = WorkflowDraft.New();
            _saved = null;
        }
        else
        {
            var found = await Workflows.FindAsync(_actor, Id, _gone.Token);
            if (!found.IsOk)
            {
                _loadProblem = found.Problem.Message;
                return;
            }

            await ShowAsync(found.Value);
        }

        _stale = false;
        _refusal = null;
        await CheckNowAsync();
    }

    private async Task ShowAsync(WorkflowView view)
    {
        var prompts = new Dictionary<string, PromptDetails>();
        foreach (var promptId in view.Steps.Select(step => step.PromptId).Distinct())
        {
            var details = await Pickers.FindPromptAsync(_actor, promptId, _gone.Token);
            prompts[promptId] = details.IsOk ? details.Value : new PromptDetails(promptId, "Deleted prompt", [], []);
        }

        _saved = view;
        _draft = WorkflowDraft.From(view, prompts);
    }

    private Task AddStepAsync(PromptDetails prompt) => ChangeAsync(() => _draft!.AddStep(prompt, _models!.Preselected));

    private Task ChangeAsync(Action change)
    {
        change();
        return CheckAsync();
    }

    /// <summary>Checks the draft when typing pauses; a newer change makes the older check pointless.</summary>
    private async Task CheckAsync()
    {
        _touched = true;
        if (_check is not null)
        {
            await _check.CancelAsync();
            _check.Dispose();
        }

        _check = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        var token = _check.Token;
        try
        {
            await Task.Delay(CheckDelay, token);
            await CheckNowAsync();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // A newer check follows, or the page is gone.
        }
    }

    private async Task CheckNowAsync()
    {
        var check = await Workflows.CheckAsync(_actor, _draft!.ToContent(), _gone.Token);
        if (check.IsOk)
        {
            // What cannot be read was checked as empty: only the form knows what is wrong there.
            var unread = _draft.FormProblems();
            _problems = [.. unread, .. check.Value.Problems.Where(problem => unread.All(u => u.Field != problem.Field))];
        }
        else
        {
            _refusal = check.Problem.Message;
        }
    }

    private async Task<bool> SaveAsync(bool overwrite = false)
    {
        _touched = true;
        _busy = true;
        try
        {
            if (_draft!.FormProblems().Count > 0)
            {
                await CheckNowAsync();
                _refusal = "Not saved: see the problems below.";
                return false;
            }

            var content = _draft.ToContent();
            var result = _draft.Id is null
                ? await Workflows.CreateAsync(_actor, content, _gone.Token)
                : await Workflows.UpdateAsync(_actor, _draft.Id, content, overwrite ? null : _draft.Revision, _gone.Token);
            return await TakeAsync(result);
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task PublishAsync()
    {
        if ((_draft!.IsDirty || _draft.Id is null) && !await SaveAsync())
        {
            return;
        }

        _busy = true;
        try
        {
            if (await TakeAsync(await Workflows.PublishAsync(_actor, _draft!.Id!, _draft.Revision, _gone.Token)))
            {
                Navigation.NavigateTo($"/workflows/{_draft.Id}");
            }
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>Shows what came of a write. Edits stay on the page whatever came.</summary>
    private async Task<bool> TakeAsync(Result<WorkflowView> result)
    {
        _stale = result.Problem?.Kind == ProblemKind.Stale;
        _refusal = _stale ? null : result.Problem?.Message;
        if (!result.IsOk)
        {
            if (result.Problem.Errors.Count > 0)
            {
                await CheckNowAsync();
            }

            return false;
        }

        var before = _draft!;
        var isNew = before.Id is null;
        await ShowAsync(result.Value);
        _draft!.UnfoldLike(before);
        await CheckNowAsync();
        if (isNew)
        {
            Navigation.NavigateTo($"/workflows/{result.Value.Id}/edit", replace: true);
        }

        return true;
    }

    private async Task GoToAsync(string field)
    {
        _touched = true;
        _draft!.Unfold(field);
        StateHasChanged();

        // The field is in the browser only after this event has been answered.
        await Task.Yield();
        var id = FieldIds.Of(field.Replace("promptLabel", "promptVersion", StringComparison.Ordinal).Replace("promptId", "promptVersion", StringComparison.Ordinal));
        await using var element = await Js.InvokeAsync<IJSObjectReference?>("document.getElementById", id);
        if (element is not null)
        {
            await element.InvokeVoidAsync("focus");
        }
    }

    private async Task GuardAsync(LocationChangingContext context)
    {
        if (_draft is not { IsDirty: true })
        {
            return;
        }

        var leave = await Dialogs.ShowMessageBoxAsync("Leave without saving?", "Your changes to this workflow are not saved. Leaving drops them.", yesText: "Leave", cancelText: "Stay");
        if (leave != true)
        {
            context.PreventNavigation();
        }
    }
}
