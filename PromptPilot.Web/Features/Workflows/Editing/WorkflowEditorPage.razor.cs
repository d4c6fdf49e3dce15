using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>The form of a workflow: edits a <see cref="WorkflowDraft"/>, checks it after each change, saves and publishes.</summary>
public sealed partial class WorkflowEditorPage(
    PageServices services,
    WorkflowVersionService versions,
    WorkflowService workflows,
    StepPickerService pickers,
    Access access,
    WebhookMappingService mappings,
    LastRunService lastRuns,
    ChangeRequestService changes
) : PortalPage(services)
{
    private static readonly TimeSpan CheckDelay = TimeSpan.FromMilliseconds(150);

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
    private bool _isMoving;
    private bool _tried;
    private bool _isDirty;
    private bool _isTrying;

    [Parameter]
    public string? Id { get; set; }

    /// <summary>For a new workflow: the prompt of its first step.</summary>
    [SupplyParameterFromQuery(Name = "prompt")]
    public string? FirstPrompt { get; set; }

    /// <summary>Number of the version that is put into the editor.</summary>
    [SupplyParameterFromQuery(Name = "restore")]
    public int? Restore { get; set; }

    protected override bool IsDirty => _isDirty && !_mayLeave;

    private string Address => Id is null ? "workflows/new" : $"workflows/{Id}/edit";

    private string Title => Id is null ? "New workflow" : _saved?.Name ?? "Workflow";

    private IReadOnlyList<(string Name, string? Href)> Path =>
        Id is null
            ? [("Workflows", "workflows"), ("New", null)]
            : [("Workflows", "workflows"), (_saved?.Name ?? "Workflow", $"workflows/{Id}"), ("Edit", null)];

    private string SaveState =>
        IsBusy ? "Saving…"
        : _isDirty ? "Unsaved changes"
        : _saved is null ? ""
        : "All changes saved";

    /// <summary>A new workflow has no problems, only open items, until someone tries to save or publish it.</summary>
    private IReadOnlyList<WorkflowProblem> ShownProblems => _tried || Id is not null ? _problems : [];

    protected override ValueTask LeaveAsync()
    {
        _check?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task OnParametersSetAsync()
    {
        _mayLeave = false;

        // Saving a new workflow navigates to its address, but the page already shows that workflow. The query parameters are set
        // first, while the id is still empty.
        if (_session is not null && (_session.Draft.Id == Id || (_isMoving && Id is null)))
        {
            _isMoving &= _session.Draft.Id != Id;
            return;
        }

        _session = null;
        _trials.Clear();
        _actor = await ActorAsync();
        var allowed = await access.RequireAsync(_actor, Permission.Write, Left);
        var models = await pickers.ListModelsAsync(_actor, Left);
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
            if (FirstPrompt is not null && await pickers.FindPromptAsync(_actor, FirstPrompt, Left) is { IsOk: true } first)
            {
                _session!.Add(first.Value, _models!.Preselected, 0);
            }
        }
        else
        {
            var found = await workflows.FindAsync(_actor, Id, Left);
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
        var lastRun = await lastRuns.FindAsync(_actor, (Id ?? _session?.Draft.Id)!, Left);
        _lastRun = lastRun.IsOk ? lastRun.Value : LastRunValues.None;
        foreach (var webhook in _saved?.Triggers.Where(trigger => trigger.Type == TriggerType.Webhook) ?? [])
        {
            // What a webhook received last is a sample of what will come, also where no run has succeeded with it yet.
            if (await mappings.FindSampleAsync(_actor, webhook.Id, Left) is { IsOk: true, Value: { } sample })
            {
                _lastRun = _lastRun.With("trigger", sample);
            }
        }
    }

    private Task TryAsync(StepDraft? step)
    {
        _isTrying = true;
        return _testRun!.OpenAsync(step);
    }

    private Task TryFromAsync(StepDraft step)
    {
        _isTrying = true;
        return _testRun!.RunFromAsync(step);
    }

    private void Begin(WorkflowDraft draft) => _session = new DesignSession(draft, Time);

    private async Task<IReadOnlyDictionary<string, PromptDetails>> PromptsOfAsync(IEnumerable<string> promptIds)
    {
        var prompts = new Dictionary<string, PromptDetails>();
        foreach (var promptId in promptIds.Distinct())
        {
            var details = await pickers.FindPromptAsync(_actor, promptId, Left);
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
        _isDirty = true;
        if (_check is not null)
        {
            await _check.CancelAsync();
            _check.Dispose();
        }

        _check = CancellationTokenSource.CreateLinkedTokenSource(Left);
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
        var check = await Task.Run(() => workflows.CheckAsync(_actor, content, Left), Left);
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
}
