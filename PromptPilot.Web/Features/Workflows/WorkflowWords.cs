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

    public static string Of(OnError choice) =>
        choice switch
        {
            OnError.Fail => "The run fails",
            OnError.Default => "Use a default",
        };

    public static string Of(OutputFormat format) =>
        format switch
        {
            OutputFormat.Text => "Text",
            OutputFormat.Json => "JSON",
        };

    /// <summary>The answer to a review that nobody gave in time.</summary>
    public static string Of(ReviewVerdict verdict) =>
        verdict switch
        {
            ReviewVerdict.Approve => "It is approved",
            ReviewVerdict.Edit => "It is edited",
            ReviewVerdict.Reject => "It is rejected",
        };
}
