using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>The designer of a workflow. Binds a <see cref="DesignSession"/> to palette, canvas, outline and inspector.</summary>
public sealed partial class WorkflowDesigner(PageServices services, StepPickerService pickers, IJSRuntime js)
    : PortalComponent(services),
        ICanvasHost
{
    private const string InspectorId = "inspector";

    private enum From
    {
        Canvas,
        Outline,
        Inspector,
    }

    private ElementReference _root;
    private FlowCanvas? _canvas;
    private CanvasActs? _acts;
    private DesignSession? _actsOf;
    private IReadOnlyList<StepCardFacts> _cards = [];
    private DesignPicture _picture = DesignPicture.Empty;
    private DesignPicture? _checked;
    private DesignerList? _list;
    private IJSObjectReference? _module;
    private string? _sheet;
    private string? _focusNext;

    [Parameter, EditorRequired]
    public required DesignSession Session { get; set; }

    [Parameter, EditorRequired]
    public required ModelChoices Models { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> Problems { get; set; }

    /// <summary>The problems that are already shown at their fields.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> ShownProblems { get; set; }

    /// <summary>The result of the newest check.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<StepNode> Graph { get; set; }

    [Parameter, EditorRequired]
    public required DesignPicture Picture { get; set; }

    [Parameter]
    public LastRunValues LastRun { get; set; } = LastRunValues.None;

    /// <summary>The results of test runs by step.</summary>
    [Parameter]
    public Trials Trials { get; set; } = new();

    /// <summary>The note for the next version.</summary>
    [Parameter]
    public string Note { get; set; } = "";

    [Parameter]
    public EventCallback<string> NoteChanged { get; set; }

    /// <summary>Raised after each change of the draft.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    /// <summary>Raised with a step that is to be tried alone.</summary>
    [Parameter]
    public EventCallback<StepDraft> OnTry { get; set; }

    /// <summary>Raised with a step to run it again with all steps that depend on it.</summary>
    [Parameter]
    public EventCallback<StepDraft> OnTryFrom { get; set; }

    /// <summary>The test run, shown in the drawer.</summary>
    [Parameter]
    public RenderFragment? TestRun { get; set; }

    /// <summary>Whether the drawer is open.</summary>
    [Parameter]
    public bool IsDrawerOpen { get; set; }

    /// <summary>Shows a field and moves the focus to it.</summary>
    public Task GoToAsync(string field)
    {
        if (field == "steps")
        {
            return OpenPaletteAsync();
        }

        Session.Select(FieldIds.StepOf(field) is { } index && index < Session.Draft.Steps.Count ? Session.Draft.Steps[index].Key : null);
        Session.Draft.Unfold(field);
        var id = FieldIds.Of(
            field
                .Replace("promptLabel", "promptVersion", StringComparison.Ordinal)
                .Replace("promptId", "promptVersion", StringComparison.Ordinal)
        );
        return OpenAsync(InspectorId, id);
    }

    /// <summary>Puts the focus onto an element of the page, once it is drawn.</summary>
    public Task FocusAsync(string id)
    {
        _focusNext = id;
        StateHasChanged();
        return Task.CompletedTask;
    }

    /// <summary>Draws the steps again: the draft is another one.</summary>
    public void Refresh()
    {
        Draw();
        StateHasChanged();
    }

    public async Task UndoAsync(bool redo)
    {
        if (redo ? Session.Redo() : Session.Undo())
        {
            Refresh();
            await OnChanged.InvokeAsync();
        }
    }

    Task ICanvasHost.DropAsync(PromptDetails prompt, DropTarget target) =>
        ChangeStepsAsync(() => Session.Drop(prompt, Models.Preselected, target));

    Task ICanvasHost.ChangeAsync(Action change) => ChangeStepsAsync(change);

    Task ICanvasHost.SelectAsync(IReadOnlyList<string> keys)
    {
        Leave(null);
        Session.SelectAll(keys);
        _cards = ListCards();
        StateHasChanged();
        return Task.CompletedTask;
    }

    async Task ICanvasHost.PasteAsync(StepClipboard? steps)
    {
        if (steps is null)
        {
            _list?.ShowProblem("No steps were copied in this browser. Copy a step first.");
            return;
        }

        var prompts = new Dictionary<string, PromptDetails>();
        foreach (var promptId in steps.Steps.Select(step => step.PromptId).Distinct())
        {
            var found = await FindPromptAsync(promptId);
            prompts[promptId] = found ?? new PromptDetails(promptId, "Deleted prompt", [], []);
        }

        await ChangeStepsAsync(() => Session.Paste(steps, prompts));
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.InvokeVoidAsync("stop");
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The tab is gone, and the listeners with it.
            }
        }
    }

    protected override void OnParametersSet()
    {
        if (_actsOf != Session)
        {
            (_actsOf, _acts) = (Session, new CanvasActs(Session, FindPromptAsync, this));
        }

        if (!ReferenceEquals(_checked, Picture))
        {
            // A check has ended: its picture has the problems, and the samples of the last run.
            (_checked, _picture) = (Picture, Picture.Holding(_picture, Session.SelectedKey, ShownProblems));
        }

        _cards = ListCards();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/designer.js");
            await _module.InvokeVoidAsync("start");
        }

        if (_focusNext is { } id && _module is not null)
        {
            _focusNext = null;
            await _module.InvokeVoidAsync("focus", id);
        }
    }

    private async Task<PromptDetails?> FindPromptAsync(string promptId)
    {
        var details = await pickers.FindPromptAsync(await ActorAsync(), promptId, Left);
        _list?.ShowProblem(details.Problem?.Message);
        return details.IsOk ? details.Value : null;
    }

    /// <summary>Adds a prompt where the selection says: on the selected line, else below the selected step.</summary>
    private async Task PickAsync(string promptId)
    {
        if (await FindPromptAsync(promptId) is { } prompt)
        {
            _sheet = null;
            await ChangeStepsAsync(() => Session.Pick(prompt, Models.Preselected));
        }
    }

    private Task SelectLineAsync((string From, string To) line)
    {
        Leave(null);
        Session.SelectLine(line.From, line.To);
        return OpenAsync(InspectorId, null);
    }

    private Task DeleteSelectedAsync()
    {
        _focusNext = InspectorId;
        return ChangeStepsAsync(Session.DeleteSelected);
    }

    private async Task CopyAsync(bool isCut)
    {
        if (_canvas is not null && Session.Copy() is { } steps)
        {
            await _canvas.KeepAsync(steps);
            if (isCut)
            {
                await DeleteSelectedAsync();
            }
        }
    }

    private async Task PasteKeptAsync() => await ((ICanvasHost)this).PasteAsync(_canvas is null ? null : await _canvas.KeptAsync());

    private Task OpenPaletteAsync()
    {
        _list?.ShowPrompts();
        return OpenAsync(DesignItem.Palette, FieldIds.Of("steps"));
    }

    private async Task ActAsync((string Key, CardAct Act) what, From from)
    {
        if (Session.Find(what.Key) is not { } step)
        {
            return;
        }

        switch (what.Act)
        {
            case CardAct.Select:
            case CardAct.Open:
                await SelectAsync(step.Key, what.Act == CardAct.Open);
                return;
            case CardAct.Toggle:
                Session.Toggle(step.Key);
                await OpenAsync(InspectorId, null);
                return;
            case CardAct.Try:
                _sheet = null;
                await OnTry.InvokeAsync(step);
                return;
            case CardAct.TryFrom:
                await TryFromAsync(step.Key);
                return;
            case CardAct.Up:
                Session.Move(step, -1);
                break;
            case CardAct.Down:
                Session.Move(step, 1);
                break;
            case CardAct.Duplicate:
                Session.Duplicate(step);
                break;
            case CardAct.Delete:
                Session.Delete(step);
                break;
        }

        // A card that moves loses the focus, and what is deleted leaves it nowhere.
        _focusNext =
            from == From.Outline ? (Session.SelectedKey is { } key ? $"card-{key}" : FieldIds.Of("steps"))
            : what.Act is CardAct.Duplicate or CardAct.Delete ? InspectorId
            : null;
        Draw();
        await OnChanged.InvokeAsync();
    }

    private async Task TryFromAsync(string key)
    {
        if (Session.Find(key) is { } step)
        {
            _sheet = null;
            await OnTryFrom.InvokeAsync(step);
        }
    }

    private async Task SelectAsync(string? key, bool enter)
    {
        Leave(key);
        Session.Select(key);
        await OpenAsync(InspectorId, enter ? InspectorId : null);
        if (IsDrawerOpen && key is not null && Trials.Has(key) && _module is not null)
        {
            await _module.InvokeVoidAsync("show", $"trial-{key}");
        }
    }

    /// <summary>Draws a step again when it loses focus.</summary>
    private void Leave(string? next)
    {
        if (Session.SelectedKey is not null && Session.SelectedKey != next)
        {
            _picture = DesignPicture.Of(Session.Draft, Models, ShownProblems, LastRun);
        }
    }

    /// <summary>Shows the palette or inspector where they are sheets.</summary>
    private Task OpenAsync(string sheet, string? focus)
    {
        (_sheet, _focusNext) = (sheet, focus);
        _cards = ListCards();
        StateHasChanged();
        return Task.CompletedTask;
    }

    private Task CloseAsync()
    {
        _focusNext = Session.SelectedKey is { } key ? $"node-{key}" : null;
        _sheet = null;
        return Task.CompletedTask;
    }

    private Task ChangeAsync(Action change)
    {
        change();
        return TypedAsync();
    }

    private Task TypedAsync()
    {
        Session.Typed();
        return ChangedAsync();
    }

    private Task ChangedAsync()
    {
        _cards = ListCards();
        return OnChanged.InvokeAsync();
    }

    /// <summary>A change of the steps or of their inputs, drawn immediately, before it is checked.</summary>
    private Task ChangeStepsAsync(Action change)
    {
        change();
        Draw();
        StateHasChanged();
        return OnChanged.InvokeAsync();
    }

    private void Draw()
    {
        _cards = ListCards();
        _picture = DesignPicture.Of(Session.Draft, Models, ShownProblems, LastRun);
    }

    private IReadOnlyList<StepCardFacts> ListCards() => DesignCards.Of(Session, Models, ShownProblems, Graph, LastRun);
}
