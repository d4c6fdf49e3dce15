namespace PromptPilot.Core.Feedback;

/// <summary>An output that could be rated next.</summary>
/// <param name="Group">Prompt version and model profile.</param>
/// <param name="Ratings">The number of people who have rated it.</param>
internal sealed record RatingCandidate(string LogId, (string VersionId, string ProfileId) Group, DateTime At, int Ratings);

/// <summary>The order in which outputs are offered for rating. A pure function.</summary>
internal static class RatingOrder
{
    /// <summary>
    /// Unrated outputs come first, one of each prompt version and model before the second of any, so that a busy version does not dominate.
    /// Within a version and model, the newest comes first.
    /// </summary>
    public static IReadOnlyList<RatingCandidate> Of(IEnumerable<RatingCandidate> candidates) =>
        [
            .. candidates
                .GroupBy(candidate => (candidate.Ratings, candidate.Group))
                .SelectMany(group => group.OrderByDescending(candidate => candidate.At).Select((candidate, turn) => (candidate, turn)))
                .OrderBy(entry => entry.candidate.Ratings)
                .ThenBy(entry => entry.turn)
                .ThenByDescending(entry => entry.candidate.At)
                .ThenBy(entry => entry.candidate.LogId, StringComparer.Ordinal)
                .Select(entry => entry.candidate),
        ];
}
