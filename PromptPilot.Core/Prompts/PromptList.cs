using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>Which prompts a list shows.</summary>
/// <param name="Text">Contained in name, text, category or a tag, whatever the case.</param>
public sealed record PromptFilter(string? Text = null, string? Category = null, string? Tag = null);

/// <summary>A prompt in a list, without its texts.</summary>
/// <param name="UsedBy">Workflows whose draft uses it.</param>
public sealed record PromptListItem(
    string Id, string Name, string Category, IReadOnlyList<string> Tags, IReadOnlyList<string> Variables, string Version, string LatestVersionId,
    string? CreatedBy, DateTime CreatedAt, DateTime UpdatedAt, int Revision, int UsedBy);

/// <summary>The categories and tags in use.</summary>
public sealed record PromptFacets(IReadOnlyList<string> Categories, IReadOnlyList<string> Tags);

/// <summary>Reads pages of prompts by name.</summary>
internal static class PromptList
{
    public static async Task<Result<Page<PromptListItem>>> ReadAsync(PromptPilotDbContext db, PromptFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var prompts = Filtered(db.Prompts.AsNoTracking(), filter);
        if (page.After is { } after)
        {
            if (Name(after) is not { } name)
            {
                return Problem.AtField("after", "This is not a cursor of this list. Take “next” of the page before.");
            }

            prompts = prompts.Where(p => p.NormalizedName.CompareTo(name) > 0);
        }

        var items = await prompts
            .OrderBy(p => p.NormalizedName)
            .Take(page.Take + 1)
            .Select(p => new PromptListItem(
                p.Id, p.Name, p.Metadata.Category, p.Metadata.Tags, p.Variables, p.Version, p.LatestVersionId, p.CreatedBy, p.CreatedAt, p.UpdatedAt, p.Revision,
                db.WorkflowSteps.Where(s => s.PromptId == p.Id).Select(s => s.WorkflowId).Distinct().Count()))
            .ToListAsync(cancellationToken);
        return items.Count > page.Take
            ? new Page<PromptListItem>(items[..page.Take], Cursor(items[page.Take - 1].Name))
            : new Page<PromptListItem>(items, null);
    }

    private static IQueryable<Prompt> Filtered(IQueryable<Prompt> prompts, PromptFilter filter)
    {
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            var pattern = LikePattern.Containing(filter.Text.Trim());
            var upper = pattern.ToUpperInvariant();
            prompts = prompts.Where(p =>
                EF.Functions.Like(p.NormalizedName, upper, LikePattern.Escape)
                || EF.Functions.Like(p.Content, pattern, LikePattern.Escape)
                || EF.Functions.Like(p.Metadata.Category, pattern, LikePattern.Escape)
                || p.Metadata.Tags.Any(t => EF.Functions.Like(t, pattern, LikePattern.Escape)));
        }

        if (!string.IsNullOrEmpty(filter.Category))
        {
            prompts = prompts.Where(p => p.Metadata.Category == filter.Category);
        }

        return string.IsNullOrEmpty(filter.Tag) ? prompts : prompts.Where(p => p.Metadata.Tags.Contains(filter.Tag));
    }

    private static string Cursor(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(name.ToUpperInvariant())).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    private static string? Name(string cursor)
    {
        var padded = cursor.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (cursor.Length % 4)) % 4);
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
