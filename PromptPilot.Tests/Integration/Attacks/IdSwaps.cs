namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>Ids in places where they do not belong.</summary>
internal static class IdSwaps
{
    private static readonly string[] Nonsense = ["null", "undefined", "0", "*", "' OR 1=1--"];

    /// <summary>
    /// Values for places that want ids of these kinds, of which at least one is not what it should be. A kind that begins with <c>=</c>
    /// stands for the value after it, which is never swapped.
    /// </summary>
    public static IEnumerable<string[]> Of(
        string[] kinds,
        IReadOnlyDictionary<string, string> mine,
        IReadOnlyDictionary<string, string> theirs
    )
    {
        var right = kinds.Select(kind => kind[0] == '=' ? kind[1..] : mine.GetValueOrDefault(kind, "")).ToArray();
        for (var place = 0; place < kinds.Length; place++)
        {
            if (kinds[place][0] == '=')
            {
                continue;
            }

            foreach (
                var id in mine.Where(id => id.Key != kinds[place])
                    .Select(id => id.Value)
                    .Concat(Nonsense)
                    .Append(right[place].ToUpperInvariant() + " ")
            )
            {
                yield return [.. right[..place], id, .. right[(place + 1)..]];
            }

            // The same kind, of the other family: a child under a parent that is not its own. (Steps of both are of runs that have ended.)
            if (kinds.Where(kind => kind[0] != '=').Distinct().Count() > 1 && !kinds.Contains("step"))
            {
                yield return [.. right[..place], theirs[kinds[place]], .. right[(place + 1)..]];
            }
        }
    }
}
