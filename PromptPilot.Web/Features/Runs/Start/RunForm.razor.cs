using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Files;

namespace PromptPilot.Web.Features.Runs.Start;

public sealed partial class RunForm(Browser browser)
{
    private readonly Uploads _uploads = new();
    private RunFormModel _model = new([]);
    private IReadOnlyList<WorkflowInput>? _inputs;
    private IReadOnlyCollection<string> _fields = [];
    private Problem? _own;
    private bool _sending;

    [Parameter, EditorRequired]
    public IReadOnlyList<WorkflowInput> Inputs { get; set; } = [];

    /// <summary>Gets the values when the form was sent and could be read.</summary>
    [Parameter, EditorRequired]
    public EventCallback<IReadOnlyDictionary<string, JsonElement>> OnRun { get; set; }

    /// <summary>Why the start was refused. Field errors are shown at their fields.</summary>
    [Parameter]
    public Problem? Problem { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public string Label { get; set; } = "Run";

    /// <summary>The initial values by name. Values remembered by the browser take precedence.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, JsonElement>? Initial { get; set; }

    /// <summary>Under which the values are remembered, e.g. the workflow's id; null remembers nothing.</summary>
    [Parameter]
    public string? RememberAs { get; set; }

    /// <summary>Gets what is typed, by name, and comes before all else that is in the form: for a page that shows the form again.</summary>
    [Parameter]
    public IDictionary<string, string>? Typed { get; set; }

    private Problem? Shown => _own ?? Problem;

    private string? StorageKey => RememberAs is null ? null : $"pilot-run-{RememberAs}";

    protected override void OnParametersSet()
    {
        if (_inputs != Inputs)
        {
            var typed = _inputs is null ? null : _model;
            _inputs = Inputs;
            _model = new RunFormModel(Inputs);
            _model.Fill(Initial);
            _model.TakeOver(typed);
            _model.Fill(Typed);
            _fields = [.. Inputs.Select(input => $"inputs.{input.Name}")];
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && StorageKey is { } key)
        {
            _model.Recall(await browser.RecallAsync(key));
            _model.Fill(Typed);
            StateHasChanged();
        }
    }

    private void Set(string name, ChangeEventArgs change) => Put(name, change.Value as string ?? "");

    private void Put(string name, string text)
    {
        _model[name] = text;
        if (Typed is not null)
        {
            Typed[name] = text;
        }
    }

    private async Task SubmitAsync()
    {
        // A second click may come while the first one waits for the browser, before Busy is set.
        if (Busy || _sending || _uploads.Any)
        {
            return;
        }

        var values = _model.Read();
        _own = values.Problem;
        if (!values.IsOk)
        {
            return;
        }

        _sending = true;
        try
        {
            if (StorageKey is { } key)
            {
                await browser.RememberAsync(key, _model.Remember());
            }

            await OnRun.InvokeAsync(values.Value);
        }
        finally
        {
            _sending = false;
        }
    }
}
