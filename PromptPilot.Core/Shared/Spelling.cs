namespace PromptPilot.Core.Shared;

/// <summary>Finds what someone probably meant.</summary>
public static class Spelling
{
    /// <summary>“ Did you mean “x”?” with a space before it, or nothing when no candidate is near.</summary>
    public static string DidYouMean(string word, IEnumerable<string> candidates) =>
        Nearest(word, candidates) is { } nearest ? $" Did you mean “{nearest}”?" : "";

    /// <summary>
    /// The candidate within a third of the word's length in edits, or one that contains the word or is contained in it; null without any.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var all = candidates.ToList();
        var near = all.Where(candidate => Math.Abs(word.Length - candidate.Length) <= MostEdits(word, candidate))
            .Select(candidate => (candidate, distance: Distance(word, candidate)))
            .Where(c => c.distance <= MostEdits(word, c.candidate))
            .OrderBy(c => c.distance)
            .Select(c => c.candidate)
            .FirstOrDefault();
        return near
            ?? (
                word.Length < 3
                    ? null
                    : all.FirstOrDefault(c =>
                        c.Length >= 3 && (c.Contains(word, StringComparison.Ordinal) || word.Contains(c, StringComparison.Ordinal))
                    )
            );
    }

    private static int MostEdits(string a, string b) => Math.Max(1, Math.Max(a.Length, b.Length) / 3);

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
