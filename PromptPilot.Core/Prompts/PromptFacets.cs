using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts;

/// <summary>Someone who wrote a prompt.</summary>
public sealed record PromptAuthor(string Id, string Name);

/// <summary>Filter values for prompts: everything in use, including by archived prompts.</summary>
public sealed record PromptFacets(IReadOnlyList<string> Categories, IReadOnlyList<string> Tags)
{
    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<PromptAuthor> Authors { get; init; } = [];

    /// <summary>Names that a template can include, parts first; at most 300, without archived prompts.</summary>
    public IReadOnlyList<string> Includable { get; init; } = [];
}

internal static class PromptFacetsQuery
{
    private const int MostIncludable = 300;

    public static async Task<PromptFacets> ReadAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var categories = await db
            .Prompts.Select(p => p.Metadata.Category)
            .Where(c => c != "")
            .Distinct()
            .OrderBy(c => c)
            .ToListAsync(cancellationToken);
        var tags = await db.Prompts.Select(p => p.Metadata.Tags).ToListAsync(cancellationToken);
        var labels = await db.PromptLabels.Select(l => l.Name).Distinct().OrderBy(name => name).ToListAsync(cancellationToken);
        var authors = await db
            .Users.Where(u => db.Prompts.Any(p => p.CreatedBy == u.Id))
            .OrderBy(u => u.Name)
            .Select(u => new PromptAuthor(u.Id, u.Name))
            .ToListAsync(cancellationToken);
        var includable = await db
            .Prompts.Where(p => !p.Archived)
            .OrderByDescending(p => p.Metadata.IsPart)
            .ThenBy(p => p.NormalizedName)
            .Select(p => p.Name)
            .Take(MostIncludable)
            .ToListAsync(cancellationToken);
        return new PromptFacets(
            categories,
            [.. tags.SelectMany(t => t).Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase)]
        )
        {
            Labels = labels,
            Authors = authors,
            Includable = includable,
        };
    }
}
