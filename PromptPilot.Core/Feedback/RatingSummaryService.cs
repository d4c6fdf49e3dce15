using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Feedback;

/// <summary>Ratings of one prompt version on one model profile.</summary>
/// <param name="Labels">Labels of the version.</param>
/// <param name="ProfileName">Null when the profile is gone.</param>
/// <param name="Mean">Mean of the ratings, 1 to 5.</param>
/// <param name="Spread">Sample standard deviation; null for a single rating.</param>
/// <param name="IsFew">Fewer than <see cref="RatingSummaryService.Enough"/> ratings: too few to compare.</param>
public sealed record RatingCell(
    string PromptVersionId,
    string Version,
    int Number,
    IReadOnlyList<string> Labels,
    string ModelProfileId,
    string? ProfileName,
    double Mean,
    int Count,
    double? Spread,
    bool IsFew
);

/// <param name="Cells">Sorted by version, newest first, then by profile.</param>
/// <param name="Tags">The most frequent tags of the ratings, and how often each was given.</param>
public sealed record RatingSummary(IReadOnlyList<RatingCell> Cells, IReadOnlyList<TagCount> Tags);

public sealed record TagCount(string Tag, int Count);

/// <summary>The ratings of a prompt's versions on each model.</summary>
public sealed class RatingSummaryService(Operations operations, TimeProvider time)
{
    /// <summary>With fewer ratings a mean says little.</summary>
    public const int Enough = 10;

    private const int MostTags = 8;

    /// <param name="days">Only ratings of the last so many days; null: all.</param>
    public Task<Result<RatingSummary>> FindAsync(Actor actor, string promptId, int? days, CancellationToken cancellationToken) =>
        operations.ReadAsync<RatingSummary>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                if (!await db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken))
                {
                    return Problem.NotFound("prompt");
                }

                var since = days is { } count ? time.GetUtcNow().UtcDateTime.AddDays(-Math.Clamp(count, 1, 3650)) : DateTime.MinValue;
                var ratings =
                    from feedback in db.Feedback.AsNoTracking()
                    where feedback.PromptId == promptId && feedback.CreatedAt >= since
                    join log in db.ExecutionLogs on feedback.ExecutionId equals log.Id
                    select new
                    {
                        log.PromptVersionId,
                        log.ModelProfileId,
                        feedback.Rating,
                        feedback.Tags,
                    };
                var sums = await ratings
                    .GroupBy(rating => new { rating.PromptVersionId, rating.ModelProfileId })
                    .Select(group => new Sums(
                        group.Key.PromptVersionId,
                        group.Key.ModelProfileId,
                        group.Count(),
                        group.Sum(rating => (long)rating.Rating),
                        group.Sum(rating => (long)rating.Rating * rating.Rating)
                    ))
                    .ToListAsync(cancellationToken);
                var tags = await ratings
                    .Where(rating => rating.Tags.Count > 0)
                    .Select(rating => rating.Tags)
                    .ToListAsync(cancellationToken);
                return new RatingSummary(
                    await CellsAsync(db, promptId, sums, cancellationToken),
                    [
                        .. tags.SelectMany(list => list)
                            .GroupBy(tag => tag, StringComparer.OrdinalIgnoreCase)
                            .Select(group => new TagCount(group.First(), group.Count()))
                            .OrderByDescending(tag => tag.Count)
                            .ThenBy(tag => tag.Tag, StringComparer.OrdinalIgnoreCase)
                            .Take(MostTags),
                    ]
                );
            },
            cancellationToken
        );

    private static async Task<IReadOnlyList<RatingCell>> CellsAsync(
        PromptPilotDbContext db,
        string promptId,
        List<Sums> sums,
        CancellationToken cancellationToken
    )
    {
        var versions = await db
            .PromptVersions.Where(version => version.PromptId == promptId)
            .Select(version => new
            {
                version.Id,
                version.Version,
                version.Number,
            })
            .ToDictionaryAsync(version => version.Id, cancellationToken);
        var labels = (
            await db.PromptLabels.AsNoTracking().Where(label => label.PromptId == promptId).ToListAsync(cancellationToken)
        ).ToLookup(label => label.PromptVersionId, label => label.Name);
        var profileIds = sums.ConvertAll(sum => sum.ModelProfileId);
        var profiles = await db
            .ModelProfiles.Where(profile => profileIds.Contains(profile.Id))
            .ToDictionaryAsync(profile => profile.Id, profile => profile.Name, cancellationToken);
        return
        [
            .. sums.Where(sum => versions.ContainsKey(sum.PromptVersionId))
                .Select(sum =>
                {
                    var version = versions[sum.PromptVersionId];
                    return new RatingCell(
                        version.Id,
                        version.Version,
                        version.Number,
                        [.. labels[version.Id].Order(StringComparer.Ordinal)],
                        sum.ModelProfileId,
                        profiles.GetValueOrDefault(sum.ModelProfileId),
                        sum.Mean,
                        sum.Count,
                        sum.Spread,
                        sum.Count < Enough
                    );
                })
                .OrderByDescending(cell => cell.Number)
                .ThenBy(cell => cell.ProfileName, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private sealed record Sums(string PromptVersionId, string ModelProfileId, int Count, long Sum, long Squares)
    {
        public double Mean => (double)Sum / Count;

        /// <summary>Exact, since all numbers are whole until the division.</summary>
        public double? Spread =>
            Count < 2 ? null : Math.Sqrt((((double)Count * Squares) - ((double)Sum * Sum)) / ((double)Count * (Count - 1)));
    }
}
