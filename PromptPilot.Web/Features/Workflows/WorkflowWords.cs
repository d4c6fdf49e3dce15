using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The words of this feature's pages.</summary>
internal static class WorkflowWords
{
    public static string Of(VariableType type) =>
        type switch
        {
            VariableType.Text => "text",
            VariableType.Number => "number",
            VariableType.Boolean => "yes or no",
            VariableType.Choice => "choice",
            VariableType.Json => "JSON",
        };
}
