using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>
/// The versions of sets that experiments use, kept while experiments run: a version with a thousand cases is read for each of its calls.
/// </summary>
public sealed class FrozenSets
{
    private const int MostKept = 8;

    private readonly ConcurrentDictionary<string, (int Revision, TestSetVersion Version)> _kept = new(StringComparer.Ordinal);

    /// <summary>The version, without cases that were deleted since. Shared by all callers: read it, never change it.</summary>
    /// <returns>Null when it is gone.</returns>
    internal async Task<TestSetVersion?> FindAsync(PromptPilotDbContext db, string versionId, CancellationToken cancellationToken)
    {
        // Deleting a case, also from versions, raises the revision of its set.
        var revision = await (
            from version in db.TestSetVersions.IgnoreQueryFilters()
            where version.Id == versionId
            join set in db.TestSets on version.TestSetId equals set.Id
            select (int?)set.Revision
        ).SingleOrDefaultAsync(cancellationToken);
        if (revision is null)
        {
            _kept.TryRemove(versionId, out _);
            return null;
        }

        if (_kept.TryGetValue(versionId, out var kept) && kept.Revision == revision)
        {
            return kept.Version;
        }

        var found = await db.TestSetVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, cancellationToken);
        if (found is not null)
        {
            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            _kept[versionId] = (revision.Value, found);
        }

        return found;
    }
}
