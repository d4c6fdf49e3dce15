using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Messages;

namespace PromptPilot.Core.Prompts;

/// <summary>
/// Prompt versions for the engine: they never change, so they are kept in memory. Labels and <c>latest</c> move, so they are always looked
/// up.
/// </summary>
public sealed class PromptVersions(IDbContextFactory<PromptPilotDbContext> contexts) : IDisposable
{
    private const long MostCharacters = 32 * 1024 * 1024;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostCharacters });

    /// <summary>The version, or null when there is none. Shared by all callers: read it, never change it.</summary>
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

    public void Dispose() => _cache.Dispose();

    private async ValueTask<PromptVersion?> LoadAsync(string versionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = await db.PromptVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, cancellationToken);
        return version is null
            ? null
            : _cache.Set(versionId, version, new MemoryCacheEntryOptions { Size = 500 + PromptSource.Of(version).Length });
    }
}
