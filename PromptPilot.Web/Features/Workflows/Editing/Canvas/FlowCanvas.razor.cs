using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Features.Workflows.Editing.Trial;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

public sealed partial class FlowCanvas(IJSRuntime js)
{
    private const int MostLabels = 60;

    private CanvasModel _model = CanvasModel.Empty;
    private IReadOnlyList<(CanvasNode Node, StepCardFacts Facts)> _cards = [];
    private (DesignPicture? Picture, bool IsLive) _placed;
    private (CanvasModel? Model, (string, string)? Line, string? Selected, RunEstimate? Estimate) _drawn;
    private IReadOnlyList<StepCardFacts> _drawnCards = [];
    private IJSObjectReference? _module;
    private IJSObjectReference? _canvas;
    private DotNetObjectReference<CanvasActs>? _acts;
    private Trials? _watched;
    private RunEstimate? _estimate;

    [Parameter, EditorRequired]
    public required DesignSession Session { get; set; }

    [Parameter, EditorRequired]
    public required DesignPicture Picture { get; set; }

    /// <summary>The contents of the cards, in the order of the steps.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<StepCardFacts> Cards { get; set; }

    /// <summary>The calls from the browser.</summary>
    [Parameter, EditorRequired]
    public required CanvasActs Acts { get; set; }

    /// <summary>The element around palette and canvas.</summary>
    [Parameter, EditorRequired]
    public required Func<ElementReference> Root { get; set; }

    [Parameter]
    public Trials Trials { get; set; } = new();

    [Parameter]
    public EventCallback<(string Key, CardAct Act)> OnAct { get; set; }

    /// <summary>Raised with the keys of both ends of a line that was chosen.</summary>
    [Parameter]
    public EventCallback<(string From, string To)> OnLine { get; set; }

    /// <summary>Opens the palette.</summary>
    [Parameter]
    public EventCallback OnAdd { get; set; }

    /// <summary>Selects the workflow itself.</summary>
    [Parameter]
    public EventCallback OnWorkflow { get; set; }

    [Parameter]
    public EventCallback OnPaste { get; set; }

    private bool IsLive => Trials.States is not null;

    private string Summary => _cards.Count == 0 ? "" : $"{Format.Count(_cards.Count, "step")} · {Format.Count(_model.Levels, "level")}";

    /// <summary>Keeps copied steps in the browser.</summary>
    public async Task KeepAsync(StepClipboard steps)
    {
        if (_canvas is not null)
        {
            await _canvas.InvokeVoidAsync("copy", steps.Write());
        }
    }

    /// <summary>The steps last copied in this browser, here or in another workflow.</summary>
    public async Task<StepClipboard?> KeptAsync() =>
        _canvas is null ? null : StepClipboard.Read(await _canvas.InvokeAsync<string?>("kept"));

    public async ValueTask DisposeAsync()
    {
        if (_watched is not null)
        {
            _watched.Changed -= Look;
        }

        _acts?.Dispose();
        try
        {
            if (_canvas is not null)
            {
                await _canvas.InvokeVoidAsync("stop");
                await _canvas.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone, and the listeners with it.
        }
    }

    protected override void OnParametersSet()
    {
        if (_watched != Trials)
        {
            if (_watched is not null)
            {
                _watched.Changed -= Look;
            }

            _watched = Trials;
            _watched.Changed += Look;
        }

        Place();
    }

    protected override bool ShouldRender()
    {
        // Noted here: OnAfterRender waits for the browser, and what changes and changes back until then would not be drawn.
        var (before, cards) = (_drawn, _drawnCards);
        _drawn = (_model, Session.SelectedLine, Session.SelectedKey, _estimate);
        _drawnCards = Cards;
        return !ReferenceEquals(before.Model, _model)
            || (before.Line, before.Selected, before.Estimate) != (_drawn.Line, _drawn.Selected, _drawn.Estimate)
            || !cards.SequenceEqual(Cards);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/canvas.js");
            _acts = DotNetObjectReference.Create(Acts);
            _canvas = await _module.InvokeAsync<IJSObjectReference>("create", Root(), _acts);
        }

        if (_canvas is not null)
        {
            await _canvas.InvokeVoidAsync("refresh", Session.SelectedKey);
        }
    }

    private void Place()
    {
        if (!ReferenceEquals(_placed.Picture, Picture) || _placed.IsLive != IsLive)
        {
            _placed = (Picture, IsLive);
            _model = CanvasModel.Of(Picture, IsLive, _model);
            _estimate = RunEstimate.Of(Picture);
        }

        // The picture is of the newest check: what came or went since is drawn with it.
        var facts = Cards.ToDictionary(card => card.Key);
        _cards = [.. _model.Nodes.Where(node => facts.ContainsKey(node.Key)).Select(node => (node, facts[node.Key]))];
    }

    private void Look()
    {
        if (_placed.IsLive != IsLive)
        {
            Place();
            StateHasChanged();
        }
    }

    private string? LineClass(CanvasLine line) =>
        Session.SelectedLine == (line.From, line.To) ? "lit chosen"
        : Session.SelectedKey is { } key && (line.From == key || line.To == key) ? "lit"
        : null;

    private static string EstimateHelp(RunEstimate estimate) =>
        estimate.Unknown == 0
            ? "From the last successful runs"
            : $"From the last successful runs, without {Format.Count(estimate.Unknown, "step")} that did not run";

    private static string At(double x, double y) => $"transform:translate({Px(x)}px,{Px(y)}px);";

    private static string Px(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
