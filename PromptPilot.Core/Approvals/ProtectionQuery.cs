using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Approvals;

/// <summary>Reads protections with display names.</summary>
internal static class ProtectionQuery
{
    public static IQueryable<ProtectionView> Of(PromptPilotDbContext db, IQueryable<Protection> protections) =>
        protections
            .AsNoTracking()
            .Select(p => new ProtectionView(
                p.Label,
                p.TestSetId,
                db.TestSets.Where(set => set.Id == p.TestSetId).Select(set => set.Name).FirstOrDefault(),
                p.ModelProfileId,
                db.ModelProfiles.Where(profile => profile.Id == p.ModelProfileId).Select(profile => profile.Name).FirstOrDefault(),
                p.MinPassPercent,
                p.MaxRegressions,
                p.Approvals,
                db.Users.Where(user => user.Id == p.UpdatedBy).Select(user => user.Name).FirstOrDefault(),
                p.UpdatedAt
            ));
}
