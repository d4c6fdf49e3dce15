using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>Where a workflow is put together: binds a <see cref="DesignSession"/> to palette, canvas and inspector.</summary>
public sealed partial class WorkflowDesigner(PageServices services, StepPickerService pickers, IJSRuntime js) : PortalComponent(services)
{
    private const string InspectorId = "inspector";

    private MudDropContainer<DesignItem>? _container;
    private IJSObjectReference? _module;
    private IReadOnlyList<PromptChoice> _prompts = [];
    private IReadOnlyList<DesignItem> _items = [];
    private string? _problem;
    private string? _sheet;
    private string? _focusNext;
    private string _search = "";
    private bool _itemsChanged;

    [Parameter, EditorRequired]
    public required DesignSession Session { get; set; }

    [Parameter, EditorRequired]
    public required ModelChoices Models { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> Problems { get; set; }

    /// <summary>Those that are shown at their fields already.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<WorkflowProblem> ShownProblems { get; set; }

    /// <summary>Of the newest check.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<StepNode> Graph { get; set; }

    [Parameter, EditorRequired]
    public required DesignPicture Picture { get; set; }

    [Parameter]
    public LastRunValues LastRun { get; set; } = LastRunValues.None;

    /// <summary>What the steps came to when they were tried.</summary>
    [Parameter]
    public Trials Trials { get; set; } = new();

    /// <summary>What will be said of the next version.</summary>
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

    private IReadOnlyList<StepCardFacts> Cards => DesignCards.Of(Session, Models, ShownProblems, Graph);

    /// <summary>Shows a field, wherever it is, and puts the focus into it.</summary>
    public Task GoToAsync(string field)
    {
        if (field == "steps")
        {
            return OpenAsync(DesignItem.Palette, FieldIds.Of(field));
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
        ListItems();
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

    protected override Task OnInitializedAsync() => SearchAsync("");

    protected override void OnParametersSet() => ListItems();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/designer.js");
            await _module.InvokeVoidAsync("start");
        }

        if (_itemsChanged)
        {
            // The container keeps places of its own, from before.
            _itemsChanged = false;
            _container?.Refresh();
        }

        if (_focusNext is { } id && _module is not null)
        {
            _focusNext = null;
            await _module.InvokeVoidAsync("focus", id);
        }
    }

    private void ListItems()
    {
        IReadOnlyList<DesignItem> items =
        [
            .. _prompts.Select(prompt => new DesignItem(DesignItem.Palette, prompt.Id)),
            .. Session.Draft.Steps.Select(step => new DesignItem(DesignItem.Steps, step.Key)),
        ];
        if (!items.SequenceEqual(_items))
        {
            (_items, _itemsChanged) = (items, true);
        }
    }

    private async Task SearchAsync(string? text)
    {
        _search = text ?? "";
        var found = await pickers.ListPromptsAsync(await ActorAsync(), _search, Left);
        _problem = found.Problem?.Message;
        _prompts = found.IsOk ? found.Value : [];
        ListItems();
    }

    private Task PickAsync(string promptId) => AddAsync(promptId, Session.NextIndex);

    private async Task AddAsync(string promptId, int index)
    {
        var details = await pickers.FindPromptAsync(await ActorAsync(), promptId, Left);
        _problem = details.Problem?.Message;
        if (details.IsOk)
        {
            Session.Add(details.Value, Models.Preselected, index);
            _sheet = null;
            await ChangedAsync();
        }

        _itemsChanged = true;
    }

    /// <summary>
    /// Answers at once and works on: until it is answered the container holds this drag for the current one, and takes a next drag away
    /// with it when it ends.
    /// </summary>
    private void Dropped(MudItemDropInfo<DesignItem> drop) => Dispatch(() => TakeDropAsync(drop));

    private async Task TakeDropAsync(MudItemDropInfo<DesignItem> drop)
    {
        if (drop.Item is { Zone: DesignItem.Palette } prompt)
        {
            await AddAsync(prompt.Key, drop.IndexInZone);
        }
        else if (drop.Item is not null && Session.Find(drop.Item.Key) is { } step)
        {
            _itemsChanged = true;
            Session.MoveTo(step, drop.IndexInZone);
            await ChangedAsync();
        }
    }

    private async Task ActAsync((string Key, CardAct Act) what, bool isCard)
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
            case CardAct.Try:
                _sheet = null;
                await OnTry.InvokeAsync(step);
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
        _focusNext = isCard
            ? Session.SelectedKey is { } key
                ? $"card-{key}"
                : FieldIds.Of("steps")
            : what.Act is CardAct.Duplicate or CardAct.Delete
                ? InspectorId
                : null;
        await ChangedAsync();
    }

    private Task SelectAsync(string? key, bool enter)
    {
        Session.Select(key);
        return OpenAsync(InspectorId, enter ? InspectorId : null);
    }

    /// <summary>Shows the palette or inspector where they are sheets.</summary>
    private Task OpenAsync(string sheet, string? focus)
    {
        (_sheet, _focusNext) = (sheet, focus);
        StateHasChanged();
        return Task.CompletedTask;
    }

    private Task CloseAsync()
    {
        _focusNext = Session.SelectedKey is { } key ? $"card-{key}" : null;
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
        ListItems();
        return OnChanged.InvokeAsync();
    }
}
