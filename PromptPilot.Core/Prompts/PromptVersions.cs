using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts;

/// <summary>Prompt versions, kept in memory: they never change, and every run needs some. What a label means is always asked of the database.</summary>
internal sealed class PromptVersions(IDbContextFactory<PromptPilotDbContext> contexts) : IDisposable
{
    private const int MostKept = 2000;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostKept });

    /// <summary>The version, or null when there is none. Shared by all callers: read it, never change it.</summary>
    public async ValueTask<PromptVersion?> FindAsync(string versionId, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(versionId, out PromptVersion? kept))
        {
            return kept;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = await db.PromptVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, cancellationToken);
        return version is null ? null : _cache.Set(versionId, version, new MemoryCacheEntryOptions { Size = 1 });
    }

    /// <summary>The id of the version that a label is on now; null when the prompt does not have the label.</summary>
    public async Task<string?> ResolveLabelAsync(string promptId, string label, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.PromptLabels.Where(l => l.PromptId == promptId && l.Name == label).Select(l => l.PromptVersionId).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The id of an exact version, or of the newest; null when there is none.</summary>
    public async Task<string?> ResolveVersionAsync(string promptId, string? exactVersion, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return exactVersion is null
            ? await db.Prompts.Where(p => p.Id == promptId).Select(p => p.LatestVersionId).SingleOrDefaultAsync(cancellationToken)
            : await db.PromptVersions.Where(v => v.PromptId == promptId && v.Version == exactVersion).Select(v => v.Id).SingleOrDefaultAsync(cancellationToken);
    }

    public void Dispose() => _cache.Dispose();
}
