using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Workflows;

/// <summary>Published versions, kept in memory: they never change, and every run needs one.</summary>
public sealed class WorkflowVersions(IDbContextFactory<PromptPilotDbContext> contexts) : IDisposable
{
    private const int MostKept = 1000;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostKept });

    /// <summary>The version, or null when there is none. Shared by all callers: read it, never change it.</summary>
    internal async ValueTask<WorkflowVersion?> FindAsync(string versionId, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(versionId, out WorkflowVersion? kept))
        {
            return kept;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = await db.WorkflowVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, cancellationToken);
        return version is null ? null : _cache.Set(versionId, version, new MemoryCacheEntryOptions { Size = 1 });
    }

    public void Dispose() => _cache.Dispose();
}
