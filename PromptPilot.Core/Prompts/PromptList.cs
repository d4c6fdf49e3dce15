using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>The order of a list of prompts. Ties are ordered by name.</summary>
public enum PromptSort
{
    /// <summary>A to Z.</summary>
    Name,

    /// <summary>Prompts whose name contains the search text first.</summary>
    Match,

    /// <summary>The last changed first.</summary>
    Updated,

    /// <summary>Prompts used by the most workflows first.</summary>
    Use,

    /// <summary>The best rated first; unrated ones last.</summary>
    Rating,
}

/// <summary>Which prompts a list shows, and how; what is null does not filter.</summary>
/// <param name="Text">Words that must all occur in name, category, tags or texts, in any case.</param>
/// <param name="Label">A label that is on one of its versions.</param>
/// <param name="Author">Id of its author.</param>
/// <param name="Archived">True: archived prompts only; false: the others only.</param>
public sealed record PromptFilter(
    string? Text = null,
    string? Category = null,
    string? Tag = null,
    string? Label = null,
    string? Author = null,
    bool Archived = false,
    PromptSort Sort = PromptSort.Name
);

/// <summary>A prompt in a list, without its texts.</summary>
/// <param name="UsedBy">Workflows whose draft uses it.</param>
public sealed record PromptListItem(
    string Id,
    string Name,
    string Category,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> Variables,
    string Version,
    string LatestVersionId,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision,
    int UsedBy
)
{
    public string? AuthorName { get; init; }

    public bool Archived { get; init; }

    /// <summary>True for a part, which cannot be run by itself.</summary>
    public bool IsPart { get; init; }

    /// <summary>The average of the ratings of what it made, 1 to 5; null while there is none.</summary>
    public double? Rating { get; init; }

    public int Ratings { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>Reads pages of prompts.</summary>
internal static class PromptList
{
    private const char OffsetMark = '~';
    private const char NameMark = '.';

    public static async Task<Result<Page<PromptListItem>>> ReadAsync(
        PromptPilotDbContext db,
        PromptFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var prompts = Filtered(db, filter);
        var skip = 0;
        if (page.After is { } after)
        {
            if (filter.Sort == PromptSort.Name && Name(after) is { } name)
            {
                prompts = prompts.Where(p => p.NormalizedName.CompareTo(name) > 0);
            }
            else if (filter.Sort == PromptSort.Name || !TryOffset(after, out skip))
            {
                return PageRequest.WrongCursor;
            }
        }

        var items = await Sorted(db, prompts, filter)
            .Skip(skip)
            .Take(page.Take + 1)
            .Select(p => new PromptListItem(
                p.Id,
                p.Name,
                p.Metadata.Category,
                p.Metadata.Tags,
                p.Variables,
                p.Version,
                p.LatestVersionId,
                p.CreatedBy,
                p.CreatedAt,
                p.UpdatedAt,
                p.Revision,
                db.WorkflowSteps.Where(s => s.PromptId == p.Id).Select(s => s.WorkflowId).Distinct().Count()
            )
            {
                AuthorName = db.Users.Where(u => u.Id == p.CreatedBy).Select(u => u.Name).FirstOrDefault(),
                Archived = p.Archived,
                IsPart = p.Metadata.IsPart,
            })
            .ToListAsync(cancellationToken);
        var shown = await WithLabelsAndRatingsAsync(db, items.Take(page.Take).ToList(), cancellationToken);
        return new Page<PromptListItem>(
            shown,
            items.Count <= page.Take ? null
                : filter.Sort == PromptSort.Name ? Cursor(shown[^1].Name)
                : Offset(skip + page.Take)
        );
    }

    private static async Task<List<PromptListItem>> WithLabelsAndRatingsAsync(
        PromptPilotDbContext db,
        List<PromptListItem> items,
        CancellationToken cancellationToken
    )
    {
        var ids = items.Select(item => item.Id).ToList();
        var labels = (
            await db
                .PromptLabels.Where(l => ids.Contains(l.PromptId))
                .OrderBy(l => l.Name)
                .Select(l => new { l.PromptId, l.Name })
                .ToListAsync(cancellationToken)
        ).ToLookup(l => l.PromptId, l => l.Name);
        var ratings = await Ratings(db).Where(r => ids.Contains(r.PromptId)).ToDictionaryAsync(r => r.PromptId, cancellationToken);
        return
        [
            .. items.Select(item =>
                ratings.GetValueOrDefault(item.Id) is { } rating
                    ? item with
                    {
                        Labels = [.. labels[item.Id]],
                        Rating = rating.Average,
                        Ratings = rating.Count,
                    }
                    : item with
                    {
                        Labels = [.. labels[item.Id]],
                    }
            ),
        ];
    }

    private static IQueryable<Prompt> Sorted(PromptPilotDbContext db, IQueryable<Prompt> prompts, PromptFilter filter)
    {
        switch (filter.Sort)
        {
            case PromptSort.Match when !string.IsNullOrWhiteSpace(filter.Text):
                var pattern = LikePattern.Containing(filter.Text.Trim().ToUpperInvariant());
                return prompts.OrderByDescending(p => SqlText.Matches(p.NormalizedName, pattern)).ThenBy(p => p.NormalizedName);
            case PromptSort.Updated:
                return prompts.OrderByDescending(p => p.UpdatedAt).ThenBy(p => p.NormalizedName);
            case PromptSort.Use:
                return prompts
                    .OrderByDescending(p => db.WorkflowSteps.Where(s => s.PromptId == p.Id).Select(s => s.WorkflowId).Distinct().Count())
                    .ThenBy(p => p.NormalizedName);
            case PromptSort.Rating:
                return from p in prompts
                    join r in Ratings(db) on p.Id equals r.PromptId into rated
                    from r in rated.DefaultIfEmpty()
                    orderby (double?)r.Average descending, p.NormalizedName
                    select p;
            default:
                return prompts.OrderBy(p => p.NormalizedName);
        }
    }

    /// <summary>Reads an index of the ratings only, never the logs.</summary>
    private static IQueryable<PromptRating> Ratings(PromptPilotDbContext db) =>
        from feedback in db.Feedback
        group feedback by feedback.PromptId into all
        select new PromptRating
        {
            PromptId = all.Key,
            Average = all.Average(f => (double)f.Rating),
            Count = all.Count(),
        };

    private static IQueryable<Prompt> Filtered(PromptPilotDbContext db, PromptFilter filter)
    {
        var prompts = (string.IsNullOrWhiteSpace(filter.Text) ? db.Prompts : PromptIndex.Find(db, filter.Text))
            .AsNoTracking()
            .Where(p => p.Archived == filter.Archived);
        if (!string.IsNullOrEmpty(filter.Category))
        {
            prompts = prompts.Where(p => p.Metadata.Category == filter.Category);
        }

        if (!string.IsNullOrEmpty(filter.Label))
        {
            prompts = prompts.Where(p => db.PromptLabels.Any(l => l.PromptId == p.Id && l.Name == filter.Label));
        }

        if (!string.IsNullOrEmpty(filter.Author))
        {
            prompts = prompts.Where(p => p.CreatedBy == filter.Author);
        }

        return string.IsNullOrEmpty(filter.Tag) ? prompts : prompts.Where(p => p.Metadata.Tags.Contains(filter.Tag));
    }

    private static string Offset(int rows) => string.Create(CultureInfo.InvariantCulture, $"{OffsetMark}{rows}");

    private static bool TryOffset(string cursor, out int rows)
    {
        rows = 0;
        return cursor.StartsWith(OffsetMark) && int.TryParse(cursor.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out rows);
    }

    private static string Cursor(string name) => NameMark + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name.ToUpperInvariant()));

    private static string? Name(string cursor) =>
        cursor.Length > 1 && cursor.StartsWith(NameMark) && Base64Url.IsValid(cursor.AsSpan(1))
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor.AsSpan(1)))
            : null;

    private sealed class PromptRating
    {
        public required string PromptId { get; init; }

        public double Average { get; init; }

        public int Count { get; init; }
    }
}
