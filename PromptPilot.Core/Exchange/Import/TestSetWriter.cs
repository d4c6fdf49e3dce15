using PromptPilot.Core.Data;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>Puts planned test sets into the context, to be saved in one transaction.</summary>
internal static class TestSetWriter
{
    public static async Task WriteAsync(
        PromptPilotDbContext db,
        PlannedTestSet planned,
        Principal who,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var set = planned.Saved;
        if (set is null)
        {
            set = new TestSet
            {
                Id = planned.Id,
                PromptId = planned.Owner.PromptId,
                WorkflowId = planned.Owner.WorkflowId,
                Name = planned.Name,
                NormalizedName = planned.Name.ToUpperInvariant(),
                CreatedBy = who.UserId,
                CreatedAt = now,
            };
            db.TestSets.Add(set);
        }
        else
        {
            await TestSetVersions.RaiseAsync(db, set, cancellationToken);
            set.Revision++;
        }

        (set.Checks, set.OutputKey, set.UpdatedAt) = ([.. planned.Checks], planned.Owner.Output, now);
        for (var i = 0; i < planned.Cases.Count; i++)
        {
            var (content, origin, test) = planned.Cases[i];
            if (test is null)
            {
                test = new TestCase
                {
                    TestSetId = set.Id,
                    Origin = origin,
                    CreatedBy = who.UserId,
                    CreatedAt = now,
                };
                db.TestCases.Add(test);
            }

            if (origin != CaseOrigin.File && origin != test.Origin)
            {
                (test.Origin, test.OriginId) = (origin, null);
            }

            test.Number = i + 1;
            CaseWriter.Apply(test, content);
            await CaseWriter.KeepFilesAsync(db, test, who.UserId, now, cancellationToken);
        }

        await CaseWriter.ForgetAsync(db, set.Id, [.. planned.Removed.Select(test => test.Id)], cancellationToken);
        db.TestCases.RemoveRange(planned.Removed);
    }
}
