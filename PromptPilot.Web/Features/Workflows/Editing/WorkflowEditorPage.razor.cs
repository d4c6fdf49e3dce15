using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>The form of a workflow: edits a <see cref="WorkflowDraft"/>, checks it after each change, saves and publishes.</summary>
public sealed partial class WorkflowEditorPage : ComponentBase, IDisposable
{
    private static readonly TimeSpan CheckDelay = TimeSpan.FromMilliseconds(150);

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _check;
    private Actor _actor = Actor.Nobody;
    private readonly Trials _trials = new();
    private WorkflowDesigner? _designer;
    private TestRunPanel? _testRun;
    private DesignSession? _session;
    private IReadOnlyList<StepNode> _graph = [];
    private DesignPicture _picture = DesignPicture.Empty;
    private LastRunValues _lastRun = LastRunValues.None;
    private WorkflowView? _saved;
    private ModelChoices? _models;
    private IReadOnlyList<WorkflowProblem> _problems = [];
    private string? _loadProblem;
    private string? _refusal;
    private WorkflowConflict? _conflict;
    private string _note = "";
    private bool _mayLeave;
    private bool _busy;
    private bool _touched;
    private bool _isDirty;

    [Parameter]
    public string? Id { get; set; }

    /// <summary>Of a new workflow: the prompt of its first step.</summary>
    [SupplyParameterFromQuery(Name = "prompt")]
    public string? FirstPrompt { get; set; }

    /// <summary>Number of the version that is put into the editor.</summary>
    [SupplyParameterFromQuery(Name = "restore")]
    public int? Restore { get; set; }

    [Inject]
    private WorkflowVersionService Versions { get; set; } = default!;

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
    private WebhookInboxService Inbox { get; set; } = default!;

    [Inject]
    private LastRunService LastRuns { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Address => Id is null ? "/workflows/new" : $"/workflows/{Id}/edit";

    private string Title => Id is null ? "New workflow" : _saved?.Name ?? "Workflow";

    private IReadOnlyList<(string Name, string? Href)> Path =>
        Id is null
            ? [("Workflows", "/workflows"), ("New", null)]
            : [("Workflows", "/workflows"), (_saved?.Name ?? "Workflow", $"/workflows/{Id}"), ("Edit", null)];

    private string SaveState =>
        _busy ? "Saving…"
        : _isDirty ? "Unsaved changes"
        : _saved is null ? ""
        : "All changes saved";

    /// <summary>A new form is not scolded before anything was typed.</summary>
    private IReadOnlyList<WorkflowProblem> ShownProblems => _touched || Id is not null ? _problems : [];

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        _check?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        // Saving a new workflow moves to its address: what is on the page already is that workflow.
        if (_session is not null && _session.Draft.Id == Id)
        {
            return;
        }

        _session = null;
        _trials.Clear();
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
            _saved = null;
            Begin(WorkflowDraft.New());
            if (FirstPrompt is not null && await Pickers.FindPromptAsync(_actor, FirstPrompt, _gone.Token) is { IsOk: true } first)
            {
                _session!.Add(first.Value, _models!.Preselected, 0);
            }
        }
        else
        {
            var found = await Workflows.FindAsync(_actor, Id, _gone.Token);
            if (!found.IsOk)
            {
                _loadProblem = found.Problem.Message;
                return;
            }

            _saved = found.Value;
            await TakeLastRunAsync();
            Begin(WorkflowDraft.From(found.Value, await PromptsOfAsync(found.Value.Steps.Select(step => step.PromptId))));
        }

        (_conflict, _refusal) = (null, null);
        if (Id is not null && Restore is { } number)
        {
            await RestoreAsync(number);
        }

        await CheckNowAsync();
        if (Id is not null && Restore is not null && RendererInfo.IsInteractive)
        {
            // Once: loading the page again must not do it again.
            Navigation.NavigateTo(Address, replace: true);
        }
    }

    /// <summary>Samples beside the mapping are those of the newest run, a try of the draft too.</summary>
    private async Task TakeLastRunAsync()
    {
        var lastRun = await LastRuns.FindAsync(_actor, (Id ?? _session?.Draft.Id)!, _gone.Token);
        _lastRun = lastRun.IsOk ? lastRun.Value : LastRunValues.None;
        foreach (var webhook in _saved?.Triggers.Where(trigger => trigger.Type == TriggerType.Webhook) ?? [])
        {
            // What a webhook received last is a sample of what will come, also where no run has succeeded with it yet.
            if (await Inbox.FindSampleAsync(_actor, webhook.Id, _gone.Token) is { IsOk: true, Value: { } sample })
            {
                _lastRun = _lastRun.With("trigger", sample);
            }
        }
    }

    private void Begin(WorkflowDraft draft) => _session = new DesignSession(draft, Time);

    private async Task<IReadOnlyDictionary<string, PromptDetails>> PromptsOfAsync(IEnumerable<string> promptIds)
    {
        var prompts = new Dictionary<string, PromptDetails>();
        foreach (var promptId in promptIds.Distinct())
        {
            var details = await Pickers.FindPromptAsync(_actor, promptId, _gone.Token);
            prompts[promptId] = details.IsOk ? details.Value : new PromptDetails(promptId, "Deleted prompt", [], []);
        }

        return prompts;
    }

    /// <summary>Draws a draft that was replaced as a whole.</summary>
    private async Task ReplacedAsync()
    {
        _designer?.Refresh();
        await CheckNowAsync();
    }

    /// <summary>Checks the draft when typing pauses; a newer change makes the older check pointless.</summary>
    private async Task CheckAsync()
    {
        (_touched, _isDirty) = (true, true);
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
        var draft = _session!.Draft;
        var content = draft.ToContent();

        // Off the circuit: a keystroke must not wait for a check.
        var check = await Task.Run(() => Workflows.CheckAsync(_actor, content, _gone.Token), _gone.Token);
        _isDirty = draft.IsDirty;
        KeepDraft();
        if (check.IsOk)
        {
            // What cannot be read was checked as empty: only the form knows what is wrong there.
            var unread = draft.FormProblems();
            _problems = [.. unread, .. check.Value.Problems.Where(problem => unread.All(u => u.Field != problem.Field))];
            _graph = check.Value.Graph;
            _picture = DesignPicture.Of(draft, _models!, _problems, _lastRun);
        }
        else
        {
            _refusal = check.Problem.Message;
        }
    }

    private async Task GuardAsync(LocationChangingContext context)
    {
        if (
            _mayLeave
            || _session is not { Draft.IsDirty: true }
            || new Uri(new Uri(Navigation.BaseUri), context.TargetLocation).AbsolutePath == Address
        )
        {
            _mayLeave = false;
            return;
        }

        var leave = await Dialogs.ShowMessageBoxAsync(
            "Leave without saving?",
            "Your changes to this workflow are not saved. Leaving drops them.",
            yesText: "Leave",
            cancelText: "Stay"
        );
        if (leave != true)
        {
            context.PreventNavigation();
            return;
        }

        await GiveUpDraftAsync();
    }
}
