using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>
/// Prompt versions for the engine: they never change, so they are kept in memory. Labels and <c>latest</c> move, so they are always looked
/// up.
/// </summary>
public sealed class PromptVersions(IDbContextFactory<PromptPilotDbContext> contexts) : IDisposable
{
    /// <summary>The query filter that leaves out drafts which experiments froze.</summary>
    internal const string Drafts = "drafts";

    private const long MostCharacters = 32 * 1024 * 1024;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostCharacters });

    /// <summary>The version, also a frozen draft, or null when there is none. Shared by all callers: read it, never change it.</summary>
    internal ValueTask<PromptVersion?> FindAsync(string versionId, CancellationToken cancellationToken) =>
        _cache.TryGetValue(versionId, out PromptVersion? kept) ? ValueTask.FromResult(kept) : LoadAsync(versionId, cancellationToken);

    /// <summary>
    /// The version a label is on now; <c>latest</c> is the newest. Null when there is no such label: never a silent fallback.
    /// </summary>
    internal async Task<string?> ResolveLabelAsync(string promptId, string label, CancellationToken cancellationToken)
    {
        if (label == PromptLabels.Latest)
        {
            return await ResolveVersionAsync(promptId, null, cancellationToken);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db
            .PromptLabels.Where(l => l.PromptId == promptId && l.Name == label)
            .Select(l => l.PromptVersionId)
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The id of an exact version, or of the newest one.</summary>
    /// <param name="exactVersion">Semantic version; null means latest.</param>
    internal async Task<string?> ResolveVersionAsync(string promptId, string? exactVersion, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return exactVersion is null
            ? await db.Prompts.Where(p => p.Id == promptId).Select(p => p.LatestVersionId).SingleOrDefaultAsync(cancellationToken)
            : await db
                .PromptVersions.Where(v => v.PromptId == promptId && v.Version == exactVersion)
                .Select(v => v.Id)
                .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The messages of a version with all its parts.</summary>
    /// <param name="labels">Labels of parts that were resolved before, by <see cref="PromptPart.LabelKey"/>; others are looked up.</param>
    /// <returns>Its texts, and the labels that were resolved for them; or a problem that says which part is wrong.</returns>
    internal async ValueTask<Result<ResolvedPrompt>> WithPartsAsync(
        PromptVersion version,
        IReadOnlyDictionary<string, string>? labels,
        CancellationToken cancellationToken
    )
    {
        if (version.Parts.Count == 0)
        {
            return new ResolvedPrompt(PromptSource.Of(version), null);
        }

        var tree = new PartTree(
            new PartSource(FindAsync, async (promptId, label, token) => await ResolveLabelAsync(promptId, label, token)),
            labels
        );
        var parts = await tree.OfAsync(version, cancellationToken);
        return parts.IsOk
            ? new ResolvedPrompt(
                PromptSource.Of(version) with
                {
                    Parts = parts.Value,
                },
                tree.Labels.Count == 0 ? null : tree.Labels.ToDictionary()
            )
            : parts.Problem;
    }

    public void Dispose() => _cache.Dispose();

    private async ValueTask<PromptVersion?> LoadAsync(string versionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = await db
            .PromptVersions.IgnoreQueryFilters([Drafts])
            .AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == versionId, cancellationToken);
        return version is null
            ? null
            : _cache.Set(versionId, version, new MemoryCacheEntryOptions { Size = 500 + PromptSource.Of(version).Length });
    }
}
