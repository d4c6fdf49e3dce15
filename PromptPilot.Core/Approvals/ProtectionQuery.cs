using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Core.Approvals;

/// <summary>Reads protections with display names, and with what changed in their test sets.</summary>
internal static class ProtectionQuery
{
    public static async Task<List<ProtectionView>> ReadAsync(
        PromptPilotDbContext db,
        IQueryable<Protection> protections,
        CancellationToken cancellationToken
    )
    {
        var views = new List<ProtectionView>();
        foreach (var view in await Of(db, protections).ToListAsync(cancellationToken))
        {
            views.Add(view with { SetChanges = await SetChangesAsync(db, view, cancellationToken) });
        }

        return views;
    }

    private static async Task<IReadOnlyList<string>> SetChangesAsync(
        PromptPilotDbContext db,
        ProtectionView view,
        CancellationToken cancellationToken
    )
    {
        var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == view.TestSetId, cancellationToken);
        var before = await db
            .TestSetVersions.AsNoTracking()
            .Where(version => version.TestSetId == view.TestSetId && version.CreatedAt <= view.UpdatedAt)
            .OrderByDescending(version => version.Number)
            .FirstOrDefaultAsync(cancellationToken);
        return set is null || before is null || before.Number == set.Version
            ? []
            : SetDifference.Of(before, set, await TestSetVersions.CasesAsync(db, set.Id, cancellationToken));
    }

    private static IQueryable<ProtectionView> Of(PromptPilotDbContext db, IQueryable<Protection> protections) =>
        protections
            .AsNoTracking()
            .Select(p => new ProtectionView(
                p.PromptId,
                p.WorkflowId,
                p.Label,
                p.TestSetId,
                db.TestSets.Where(set => set.Id == p.TestSetId).Select(set => set.Name).FirstOrDefault(),
                p.ModelProfileId,
                db.ModelProfiles.Where(profile => profile.Id == p.ModelProfileId).Select(profile => profile.Name).FirstOrDefault(),
                p.MinPassPercent,
                p.MaxRegressions,
                p.Approvals,
                db.Users.Where(user => user.Id == p.UpdatedBy).Select(user => user.Name).FirstOrDefault(),
                p.UpdatedAt,
                new string[0]
            ));
}
