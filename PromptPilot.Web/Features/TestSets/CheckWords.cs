using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>Labels of checks.</summary>
internal static class CheckWords
{
    public static string Of(CheckKind kind) =>
        kind switch
        {
            CheckKind.EqualTo => "Equals",
            CheckKind.Contains => "Contains",
            CheckKind.NotContains => "Does not contain",
            CheckKind.Matches => "Matches a pattern",
            CheckKind.Schema => "Matches a JSON Schema",
            CheckKind.Condition => "Meets a condition",
            CheckKind.Limit => "Stays within limits",
            CheckKind.Judge => "Judged by a prompt",
        };

    public static string LabelOf(CheckKind kind) =>
        kind switch
        {
            CheckKind.Matches => "Regular expression",
            CheckKind.Condition => "Liquid condition",
            _ => "Text",
        };

    public static string PlaceholderOf(CheckKind kind) =>
        kind switch
        {
            CheckKind.Matches => "e.g. ^- ",
            CheckKind.Condition => "e.g. output contains inputs.name",
            _ => "The expected value of the case",
        };
}
