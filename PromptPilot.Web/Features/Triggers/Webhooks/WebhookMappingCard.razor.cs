using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

public sealed partial class WebhookMappingCard
{
    private JsonElement? _pathsOf;
    private IReadOnlyList<SamplePath> _paths = [];

    [Parameter, EditorRequired]
    public WebhookForm Form { get; set; } = default!;

    /// <summary>The key <c>trigger</c> of the last authentic request.</summary>
    [Parameter]
    public JsonElement? Sample { get; set; }

    /// <summary>The sample is an example, not a request.</summary>
    [Parameter]
    public bool IsExample { get; set; }

    [Parameter]
    public MappingTrial? Trial { get; set; }

    [Parameter]
    public Problem? Problem { get; set; }

    [Parameter]
    public bool MayWrite { get; set; }

    /// <summary>An expression has changed.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private FieldErrors Errors => new(Problem);

    private IReadOnlyList<SamplePath> Paths => _paths;

    protected override void OnParametersSet()
    {
        if (!Equals(_pathsOf, Sample))
        {
            (_pathsOf, _paths) = (Sample, Sample is { } sample ? WebhookSample.PathsOf(sample) : []);
        }
    }

    private string Gives(string name) =>
        Trial is null ? ""
        : Trial.Inputs.TryGetValue(name, out var value)
            ? $"gives {Cut(value.ValueKind == JsonValueKind.String ? $"“{value.GetString()}”" : value.GetRawText())}"
        : Trial.Problem is null ? "gives no value"
        : "";

    private static string Cut(string text) => Shorten.Text(text, 200);

    private Task SetAsync(string name, string? text)
    {
        Form.Mapping[name] = text ?? "";
        return OnChanged.InvokeAsync();
    }
}
