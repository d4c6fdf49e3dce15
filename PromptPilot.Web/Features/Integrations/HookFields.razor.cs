using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Web.Features.Integrations;

public sealed partial class HookFields
{
    /// <summary>Fields that show their errors themselves.</summary>
    public static readonly IReadOnlyCollection<string> ShownErrors = ["targetUrl", "authToken", "name", "workflow", "on", "outputs"];

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
        !IsNew && Form.Type == HookType.Slack ? "Only the beginning is shown. Paste a new address to replace it." : Kind.AddressHelp;
}
