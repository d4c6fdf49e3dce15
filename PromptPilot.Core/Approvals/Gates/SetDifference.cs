using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>What changed in a test set since a protection was set. Pure.</summary>
internal static class SetDifference
{
    private const int MostNamed = 5;

    /// <param name="before">As it was when the protection was set.</param>
    /// <param name="cases">The cases now.</param>
    /// <returns>Sentences; empty when it is the same.</returns>
    public static IReadOnlyList<string> Of(TestSetVersion before, TestSet now, IReadOnlyList<FrozenCase> cases)
    {
        var current = cases.ToDictionary(test => test.Id);
        var known = before.Cases.Select(test => test.Id).ToHashSet();

        // Deleted cases are deleted from stored versions too: only their number is left.
        var removed = Math.Max(before.CaseCount, before.Cases.Count) - before.Cases.Count(test => current.ContainsKey(test.Id));
        var changed = before.Cases.FindAll(test => current.TryGetValue(test.Id, out var found) && Text(found) != Text(test));
        var added = cases.Count(test => !known.Contains(test.Id));
        var checks = now.Checks.ConvertAll(Text);
        var loosened = before.Checks.FindAll(check => !checks.Remove(Text(check)));
        return
        [
            .. removed > 0 ? [$"{Cases(removed)} removed."] : Array.Empty<string>(),
            .. changed.Count > 0 ? [$"{Cases(changed.Count)} changed: {Numbers(changed)}."] : Array.Empty<string>(),
            .. added > 0 ? [$"{Cases(added)} added."] : Array.Empty<string>(),
            .. loosened.Take(MostNamed).Select(check => $"Check removed or changed: {CheckText.NameOf(check)}."),
            .. loosened.Count > MostNamed ? [$"{loosened.Count - MostNamed} more checks were removed or changed."] : Array.Empty<string>(),
            .. before.OutputKey == now.OutputKey ? Array.Empty<string>() : ["Another output is checked."],
        ];
    }

    private static string Numbers(List<FrozenCase> cases) =>
        string.Join(", ", cases.Take(MostNamed).Select(test => $"#{test.Number}")) + (cases.Count > MostNamed ? " …" : "");

    private static string Cases(int count) => count == 1 ? "1 case was" : $"{count:N0} cases were";

    private static string Text(Check check) => JsonSerializer.Serialize(check, AppJson.Options);

    private static string Text(FrozenCase test) =>
        JsonSerializer.Serialize(
            new { Inputs = test.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal), test.Expected },
            AppJson.Options
        );
}
