using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>
/// Deletes the test cases that a person made, and their corrected outputs where cases of others expect them; both also in the versions of
/// sets that experiments used.
/// </summary>
internal sealed class PersonalCases(TimeProvider time) : IPersonalTexts
{
    async Task<Problem?> IPersonalTexts.EraseAsync(PromptPilotDbContext db, string userId, CancellationToken cancellationToken)
    {
        var made = await db.TestCases.Where(test => test.CreatedBy == userId).ToListAsync(cancellationToken);
        var corrected = (
            await (
                from test in db.TestCases
                where test.CreatedBy != userId && test.Expected != null
                join feedback in db.Feedback on test.OriginId equals feedback.ExecutionId
                where feedback.UserId == userId && feedback.CorrectedOutput == test.Expected
                select test
            ).ToListAsync(cancellationToken)
        )
            .DistinctBy(test => test.Id)
            .ToList();
        foreach (var set in made.Concat(corrected).GroupBy(test => test.TestSetId))
        {
            var blanked = corrected.Where(test => test.TestSetId == set.Key).Select(test => test.Id).ToHashSet();
            await CaseWriter.ForgetAsync(
                db,
                set.Key,
                [.. made.Where(test => test.TestSetId == set.Key).Select(test => test.Id)],
                cancellationToken
            );
            foreach (var version in await db.TestSetVersions.Where(v => v.TestSetId == set.Key).ToListAsync(cancellationToken))
            {
                version.Cases = [.. version.Cases.Select(frozen => blanked.Contains(frozen.Id) ? frozen with { Expected = null } : frozen)];
            }

            await CaseWriter.ChangedAsync(db, set.Key, time.GetUtcNow().UtcDateTime, cancellationToken);
        }

        db.TestCases.RemoveRange(made);
        corrected.ForEach(test => test.Expected = null);
        return null;
    }
}
