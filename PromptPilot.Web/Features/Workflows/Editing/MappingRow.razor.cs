using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

public sealed partial class MappingRow
{
    [Parameter, EditorRequired]
    public required VariableChoice Variable { get; set; }

    [Parameter, EditorRequired]
    public required string Field { get; set; }

    [Parameter]
    public string Expression { get; set; } = "";

    [Parameter]
    public EventCallback<string> ExpressionChanged { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ReadableKey> Keys { get; set; }

    [Parameter]
    public string? Error { get; set; }

    /// <summary>A hint, even without an error.</summary>
    [Parameter]
    public string? Hint { get; set; }

    /// <summary>The result of the expression in the last run.</summary>
    [Parameter]
    public string? Sample { get; set; }

    /// <summary>Shows the name above its field, for names too long to fit beside it.</summary>
    [Parameter]
    public bool IsStacked { get; set; }

    private Task ChangeAsync(string? text) => ExpressionChanged.InvokeAsync(text ?? "");
}
