using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>The cases of test sets: made by hand, from an output, or from a file.</summary>
public sealed class TestCaseService(Operations operations, TimeProvider time)
{
    /// <summary>The most cases of a set.</summary>
    public const int Most = 1000;

    /// <summary>Adds a case.</summary>
    public Task<Result<TestCaseItem>> AddAsync(Actor actor, string setId, TestCaseContent content, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<TestCaseItem>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var added = await AddAsync(db, principal, setId, [(content, CaseOrigin.Manual, null)], cancellationToken);
                return added.Map(cases => cases[0]);
            },
            cancellationToken
        );

    /// <summary>
    /// Makes a case of an output of the set's prompt: its inputs, and as the expected value the newest corrected output that someone wrote.
    /// </summary>
    /// <returns>Conflict when the set has a case of this output already.</returns>
    public Task<Result<TestCaseItem>> AddFromOutputAsync(Actor actor, string setId, string logId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<TestCaseItem>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
                var log = await db.ExecutionLogs.AsNoTracking().SingleOrDefaultAsync(l => l.Id == logId, cancellationToken);
                if (set is null || log is null)
                {
                    return Problem.NotFound(set is null ? "test set" : "output");
                }

                if (log.PromptId != set.PromptId)
                {
                    return Problem.Conflict("This output is from another prompt. Choose a test set of its prompt.");
                }

                if (await db.TestCases.AnyAsync(test => test.TestSetId == setId && test.OriginId == logId, cancellationToken))
                {
                    return Problem.Conflict($"“{set.Name}” already has a test case of this output. Edit that one.");
                }

                var feedback = await db
                    .Feedback.AsNoTracking()
                    .Where(f => f.ExecutionId == logId)
                    .OrderByDescending(f => f.UpdatedAt)
                    .ToListAsync(cancellationToken);
                var origin =
                    feedback.Count > 0 ? CaseOrigin.Feedback
                    : log.RunId is null ? CaseOrigin.Playground
                    : CaseOrigin.Run;
                var content = new TestCaseContent(
                    "",
                    log.Input,
                    feedback.Select(f => f.CorrectedOutput).FirstOrDefault(text => text is not null),
                    [.. feedback.SelectMany(f => f.Tags).Distinct(StringComparer.OrdinalIgnoreCase).Take(TestCaseRules.MaxTags)]
                );
                var added = await AddAsync(db, principal, setId, [(content, origin, log)], cancellationToken);
                return added.Map(cases => cases[0]);
            },
            cancellationToken
        );

    /// <summary>Adds the rows of a CSV file: all of them, or none and what is wrong with which row.</summary>
    /// <param name="csv">
    /// A column for each variable, and <c>name</c>, <c>expected</c> and <c>tags</c> where wanted; a column <c>input.name</c> is the
    /// variable <c>name</c>. A cell that is JSON (an object, a list, a number, true or false) is that value where the prompt declares the
    /// type.
    /// </param>
    public Task<Result<CaseImport>> ImportAsync(Actor actor, string setId, string csv, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<CaseImport>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var definitions = await (
                    from set in db.TestSets
                    where set.Id == setId
                    join prompt in db.Prompts on set.PromptId equals prompt.Id
                    select prompt.VariableDefinitions
                ).FirstOrDefaultAsync(cancellationToken);
                if (definitions is null)
                {
                    return Problem.NotFound("test set");
                }

                var rows = CaseCsv.Read(csv, definitions);
                if (!rows.IsOk)
                {
                    return rows.Problem;
                }

                var added = await AddAsync(
                    db,
                    principal,
                    setId,
                    [.. rows.Value.Select(row => (row, CaseOrigin.File, (ExecutionLog?)null))],
                    cancellationToken
                );
                return added.Map(cases => new CaseImport(cases.Count));
            },
            cancellationToken
        );

    /// <summary>All cases as CSV, as <see cref="ImportAsync"/> reads it.</summary>
    public Task<Result<CaseFile>> ExportAsync(Actor actor, string setId, CancellationToken cancellationToken) =>
        operations.ReadAsync<CaseFile>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
                if (set is null)
                {
                    return Problem.NotFound("test set");
                }

                var cases = await db
                    .TestCases.AsNoTracking()
                    .Where(test => test.TestSetId == setId)
                    .OrderBy(test => test.Number)
                    .ToListAsync(cancellationToken);
                return new CaseFile($"test-cases-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv", CaseCsv.Write(cases));
            },
            cancellationToken
        );

    /// <summary>Changes a case.</summary>
    public Task<Result<TestCaseItem>> UpdateAsync(
        Actor actor,
        string setId,
        string caseId,
        TestCaseContent content,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<TestCaseItem>(
            actor,
            Permission.Run,
            async (db, _) =>
            {
                var test = await db.TestCases.SingleOrDefaultAsync(c => c.Id == caseId && c.TestSetId == setId, cancellationToken);
                if (test is null)
                {
                    return Problem.NotFound("test case");
                }

                if (TestCaseRules.Errors(content, "").ToList() is { Count: > 0 } errors)
                {
                    return Problem.Invalid("Could not save the test case.", errors);
                }

                Apply(test, content);
                await ChangedAsync(db, setId, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                return TestCaseItem.Of(test);
            },
            cancellationToken
        );

    /// <summary>Deletes a case, including from the versions used by experiments, since its texts can be personal.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string setId, string caseId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Run,
            async (db, _) =>
            {
                var test = await db.TestCases.SingleOrDefaultAsync(c => c.Id == caseId && c.TestSetId == setId, cancellationToken);
                if (test is null)
                {
                    return Problem.NotFound("test case");
                }

                foreach (var version in await db.TestSetVersions.Where(v => v.TestSetId == setId).ToListAsync(cancellationToken))
                {
                    version.Cases = [.. version.Cases.Where(frozen => frozen.Id != caseId)];
                }

                db.TestCases.Remove(test);
                await ChangedAsync(db, setId, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private async Task<Result<List<TestCaseItem>>> AddAsync(
        PromptPilotDbContext db,
        Principal principal,
        string setId,
        IReadOnlyList<(TestCaseContent Content, CaseOrigin Origin, ExecutionLog? Log)> cases,
        CancellationToken cancellationToken
    )
    {
        if (!await db.TestSets.AnyAsync(s => s.Id == setId, cancellationToken))
        {
            return Problem.NotFound("test set");
        }

        var errors = cases
            .SelectMany((test, i) => TestCaseRules.Errors(test.Content, cases.Count == 1 ? "" : $"cases[{i}]."))
            .Take(TestCaseRules.MaxErrors)
            .ToList();
        var count = await db.TestCases.CountAsync(c => c.TestSetId == setId, cancellationToken);
        if (count + cases.Count > Most)
        {
            errors.Add(new FieldError("cases", $"A test set can have at most {Most:N0} cases; it would have {count + cases.Count:N0}."));
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid("No test case was added.", errors);
        }

        var number = await db.TestCases.Where(c => c.TestSetId == setId).MaxAsync(c => (int?)c.Number, cancellationToken) ?? 0;
        var added = new List<TestCase>();
        foreach (var (content, origin, log) in cases)
        {
            var test = new TestCase
            {
                TestSetId = setId,
                Number = ++number,
                Origin = origin,
                OriginId = log?.Id,
                CreatedBy = principal.UserId,
                CreatedAt = time.GetUtcNow().UtcDateTime,
            };
            Apply(test, content);
            added.Add(test);
        }

        db.TestCases.AddRange(added);
        await ChangedAsync(db, setId, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return added.ConvertAll(TestCaseItem.Of);
    }

    private async Task ChangedAsync(PromptPilotDbContext db, string setId, CancellationToken cancellationToken)
    {
        var set = await db.TestSets.SingleAsync(s => s.Id == setId, cancellationToken);
        set.Version++;
        set.Revision++;
        set.UpdatedAt = time.GetUtcNow().UtcDateTime;
    }

    private static void Apply(TestCase test, TestCaseContent content)
    {
        test.Name = content.Name.Trim();
        test.Inputs = new Dictionary<string, JsonElement>(content.Inputs);
        test.Expected = string.IsNullOrEmpty(content.Expected) ? null : content.Expected;
        test.Tags = [.. content.Tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
