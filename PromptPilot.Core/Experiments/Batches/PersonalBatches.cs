using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>Deletes the batches that a person started, with their rows and results.</summary>
internal sealed class PersonalBatches(TimeProvider time) : IPersonalTexts
{
    async Task<Problem?> IPersonalTexts.EraseAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken)
    {
        var sets = await db
            .TestSets.IgnoreQueryFilters()
            .Where(set => set.IsBatch && set.CreatedBy == userId)
            .ToListAsync(cancellationToken);
        var ids = sets.ConvertAll(set => set.Id);
        if (
            await db.Experiments.AnyAsync(
                experiment => experiment.Status == ExperimentStatus.Running && ids.Contains(experiment.TestSetId),
                cancellationToken
            )
        )
        {
            return Running;
        }

        foreach (var set in sets)
        {
            if (await TestSetRemoval.RemoveAsync(db, set, time.GetUtcNow().UtcDateTime, cancellationToken) is not null)
            {
                return Running;
            }
        }

        return null;
    }

    private static Problem Running =>
        Problem.Conflict("A batch of this user is running. Cancel it and wait for its runs to end, then delete the user.");
}
