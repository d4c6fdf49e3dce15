using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls.Filters;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class DesignerList(PageServices services, StepPickerService pickers) : PortalComponent(services)
{
    private const string Outline = "outline";

    private MudDropContainer<DesignItem>? _container;
    private IReadOnlyList<PromptChoice> _prompts = [];
    private IReadOnlyList<DesignItem> _items = [];
    private string _open = DesignItem.Palette;
    private readonly SearchText _search = new();
    private string? _problem;
    private bool _itemsChanged;

    [Parameter, EditorRequired]
    public required DesignSession Session { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<StepCardFacts> Cards { get; set; }

    /// <summary>Raised with the id of a prompt to add.</summary>
    [Parameter]
    public EventCallback<string> OnPick { get; set; }

    [Parameter]
    public EventCallback<(string Key, CardAct Act)> OnAct { get; set; }

    /// <summary>Raised with a step that was dragged, and its new place from 0.</summary>
    [Parameter]
    public EventCallback<(StepDraft Step, int Index)> OnMove { get; set; }

    /// <summary>Raised where prompts are asked for.</summary>
    [Parameter]
    public EventCallback OnAdd { get; set; }

    [Parameter]
    public EventCallback OnWorkflow { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    private IReadOnlyList<(string Key, string Name)> Tabs =>
        [(DesignItem.Palette, "Prompts"), (Outline, $"Outline {Session.Draft.Steps.Count}")];

    public void ShowPrompts()
    {
        _open = DesignItem.Palette;
        StateHasChanged();
    }

    /// <summary>Shows why something could not be added; null takes it away.</summary>
    public void ShowProblem(string? problem)
    {
        if (_problem != problem)
        {
            _problem = problem;
            StateHasChanged();
        }
    }

    protected override Task OnInitializedAsync() => FindAsync();

    protected override void OnParametersSet()
    {
        IReadOnlyList<DesignItem> items = [.. Session.Draft.Steps.Select(step => new DesignItem(DesignItem.Steps, step.Key))];
        if (!items.SequenceEqual(_items))
        {
            (_items, _itemsChanged) = (items, true);
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_itemsChanged)
        {
            // The container keeps its own, older positions.
            _itemsChanged = false;
            _container?.Refresh();
        }
    }

    private async Task SearchAsync(string text)
    {
        if (await _search.TypeAsync(text, Time, Left))
        {
            await FindAsync();
        }
    }

    private async Task FindAsync()
    {
        var found = await pickers.ListPromptsAsync(await ActorAsync(), _search.Shown, Left);
        Problem = found.Problem;
        _prompts = found.IsOk ? found.Value : [];
    }

    /// <summary>
    /// Answers at once and works on: until it is answered the container holds this drag for the current one, and takes a next drag away
    /// with it when it ends.
    /// </summary>
    private void Dropped(MudItemDropInfo<DesignItem> drop) =>
        Dispatch(async () =>
        {
            if (drop.Item is not null && Session.Find(drop.Item.Key) is { } step)
            {
                _itemsChanged = true;
                await OnMove.InvokeAsync((step, drop.IndexInZone));
            }
        });
}
