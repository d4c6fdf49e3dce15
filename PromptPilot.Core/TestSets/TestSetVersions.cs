using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.TestSets;

/// <summary>Versions of test sets, in the caller's transaction.</summary>
internal static class TestSetVersions
{
    /// <summary>
    /// Raises the version of a set whose cases or checks change. If protections require the set, the audit log says so at each of them:
    /// removing a case or a check can let through what they would have stopped.
    /// </summary>
    public static async Task RaiseAsync(PromptPilotDbContext db, TestSet set, CancellationToken cancellationToken)
    {
        var before = $"{set.Name}, version {set.Version}";
        set.Version++;
        var protections = await db
            .Protections.AsNoTracking()
            .Where(protection => protection.TestSetId == set.Id)
            .Select(protection => new { protection.Id, protection.Label })
            .ToListAsync(cancellationToken);
        db.AuditEntries.AddRange(
            protections.Select(protection =>
                AuditEntry.Of(
                    AuditAction.Changed,
                    AuditCatalog.Protection,
                    protection.Id,
                    protection.Label ?? "publishing",
                    new AuditChange("Test set", before, $"{set.Name}, version {set.Version}")
                )
            )
        );
    }

    /// <summary>Stores the checks and cases of the current version, unless they are stored already.</summary>
    /// <param name="cases">All of the set, in order.</param>
    /// <param name="columns">Of a batch: the first line of its file.</param>
    public static async Task<TestSetVersion> FreezeAsync(
        PromptPilotDbContext db,
        TestSet set,
        IReadOnlyList<FrozenCase> cases,
        IReadOnlyList<string>? columns,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var version = await db.TestSetVersions.SingleOrDefaultAsync(
            v => v.TestSetId == set.Id && v.Number == set.Version,
            cancellationToken
        );
        if (version is null)
        {
            version = new TestSetVersion
            {
                TestSetId = set.Id,
                Number = set.Version,
                Checks = set.Checks,
                Cases = [.. cases],
                CaseCount = cases.Count,
                OutputKey = set.OutputKey,
                Columns = columns is null ? null : [.. columns],
                CreatedAt = now,
            };
            db.TestSetVersions.Add(version);
        }

        // A version from before numbers of cases were stored: its set has not changed since, or it would have another version.
        version.CaseCount = version.CaseCount == 0 ? cases.Count : version.CaseCount;
        return version;
    }

    /// <summary>The cases of a set as a version stores them.</summary>
    public static Task<List<FrozenCase>> CasesAsync(PromptPilotDbContext db, string setId, CancellationToken cancellationToken) =>
        db
            .TestCases.AsNoTracking()
            .Where(test => test.TestSetId == setId)
            .OrderBy(test => test.Number)
            .Select(test => new FrozenCase(test.Id, test.Number, test.Name, test.Inputs, test.Expected))
            .ToListAsync(cancellationToken);
}
