using PromptPilot.Core.Prompts;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>The words for the types of variables, in prompts and in the inputs of workflows.</summary>
internal static class VariableWords
{
    public static string Of(VariableType type) =>
        type switch
        {
            VariableType.Text => "text",
            VariableType.Number => "number",
            VariableType.Boolean => "yes or no",
            VariableType.Choice => "choice",
            VariableType.Json => "JSON",
            VariableType.Image => "picture",
            VariableType.Document => "document",
        };
}
