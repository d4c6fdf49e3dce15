using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.TestSets.Checks;

/// <summary>The default name of a check.</summary>
public static class CheckText
{
    private const int MostShown = 40;

    public static string NameOf(Check check) =>
        check.Name.Length > 0
            ? check.Name
            : check.Kind switch
            {
                CheckKind.EqualTo => check.Value is null ? "Equals expected" : $"Equals “{Short(check.Value)}”",
                CheckKind.Contains => check.Value is null ? "Contains expected" : $"Contains “{Short(check.Value)}”",
                CheckKind.NotContains => check.Value is null ? "Does not contain expected" : $"Does not contain “{Short(check.Value)}”",
                CheckKind.Matches => $"Matches {Short(check.Value ?? "")}",
                CheckKind.Schema => "Matches the JSON Schema",
                CheckKind.Condition => Short(check.Value ?? ""),
                CheckKind.Limit => "Within limits",
                CheckKind.Judge => "Judge",
            };

    private static string Short(string text) => Shorten.Text(text, MostShown);
}
