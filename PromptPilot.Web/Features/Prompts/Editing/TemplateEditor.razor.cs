using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>
/// Keeps the server's copy of the text in sync with the browser's. Receives small changes, and sends only texts that the server sets.
/// </summary>
public sealed partial class TemplateEditor(IJSRuntime js) : IAsyncDisposable
{
    private const int MostShown = 5;

    private ElementReference _area;
    private ElementReference _overlay;
    private IJSObjectReference? _module;
    private string _first = "";
    private string _text = "";
    private string? _toShow;
    private IReadOnlyList<FieldError> _drawn = [];

    [Parameter, EditorRequired]
    public string Value { get; set; } = "";

    [Parameter]
    public EventCallback<string> ValueChanged { get; set; }

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>The errors in the text, by position.</summary>
    [Parameter]
    public IReadOnlyList<FieldError> Errors { get; set; } = [];

    /// <summary>Warnings about code that probably means something else.</summary>
    [Parameter]
    public IReadOnlyList<FieldError> Warnings { get; set; } = [];

    [Parameter]
    public bool ReadOnly { get; set; }

    [Parameter]
    public int Rows { get; set; } = 8;

    [Parameter]
    public string? Placeholder { get; set; }

    /// <summary>Under which name drafts keep the text.</summary>
    [Parameter]
    public string? Draft { get; set; }

    [Parameter]
    public string TestId { get; set; } = "template";

    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The tab is gone, and the module with it.
            }
        }
    }

    protected override void OnInitialized() => _first = _text = Value;

    protected override void OnParametersSet()
    {
        if (Value != _text)
        {
            _text = Value;
            _toShow = Value;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/template-editor.js");
            (_drawn, _toShow) = (Errors, null);
            await _module.InvokeVoidAsync("attach", _area, _overlay, _text, Places());
        }
        else if (_module is not null && _toShow is { } text)
        {
            (_drawn, _toShow) = (Errors, null);
            await _module.InvokeVoidAsync("setText", _area, text, Places());
        }
        else if (_module is not null && !_drawn.SequenceEqual(Errors))
        {
            _drawn = Errors;
            await _module.InvokeVoidAsync("setErrors", _area, Places());
        }
    }

    private IEnumerable<object> Places() =>
        [.. Errors.Where(error => error.Line is not null).Select(error => new { line = error.Line, column = error.Column ?? 1 })];

    private async Task TakeAsync(TemplateDeltaEventArgs change)
    {
        var text = change.Apply(_text);
        if (text is null)
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("resend", _area);
            }

            return;
        }

        _text = text;
        if (change.IsWhole)
        {
            await ValueChanged.InvokeAsync(text);
        }
    }

    private ValueTask GoToAsync(int line, int column) => _module?.InvokeVoidAsync("goTo", _area, line, column) ?? ValueTask.CompletedTask;
}
