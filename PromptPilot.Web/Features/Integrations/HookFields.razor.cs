using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Integrations;

public sealed partial class HookFields
{
    /// <summary>Fields that show their errors themselves.</summary>
    public static readonly IReadOnlyCollection<string> ShownErrors =
    [
        "targetUrl",
        "authToken",
        "body",
        "name",
        "workflow",
        "on",
        "outputs",
    ];

    [Parameter, EditorRequired]
    public HookForm Form { get; set; } = default!;

    [Parameter]
    public bool IsNew { get; set; }

    [Parameter]
    public bool MayWrite { get; set; }

    [Parameter]
    public IReadOnlyList<WorkflowListItem> Workflows { get; set; } = [];

    /// <summary>The output keys of the workflow.</summary>
    [Parameter]
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>Errors of the last attempt to save.</summary>
    [Parameter]
    public Problem? Problem { get; set; }

    /// <summary>Another workflow was chosen.</summary>
    [Parameter]
    public EventCallback<string> OnWorkflow { get; set; }

    private FieldErrors Errors => new(Problem);

    private HookKind Kind => HookKind.Of(Form.Type);

    private string AddressHelp =>
        !IsNew && Form.HasSecretAddress ? "Only the beginning is shown. Paste a new address to replace it."
        : Preset is { } preset ? $"{preset.Help} It is stored encrypted and not shown again."
        : Kind.AddressHelp;

    private string AddressHint => Preset?.AddressHint ?? Kind.AddressHint;

    private BodyPreset? Preset => BodyPresets.All.FirstOrDefault(preset => preset.Key == Form.Receiver);
}
