using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>The cases of test sets: made by hand, from an output, or from a file.</summary>
public sealed class TestCaseService(Operations operations, FileInputs files, TimeProvider time)
{
    /// <summary>The most cases of a set.</summary>
    public const int Most = 1000;

    /// <summary>Adds a case.</summary>
    public async Task<Result<TestCaseItem>> AddAsync(
        Actor actor,
        string setId,
        TestCaseContent content,
        CancellationToken cancellationToken
    )
    {
        var taken = await TakeFilesAsync(actor, setId, content, cancellationToken);
        return taken.IsOk
            ? await operations.ExclusiveAsync<TestCaseItem>(
                actor,
                Permission.Run,
                async (db, principal) =>
                {
                    var added = await CaseWriter.AddAsync(
                        db,
                        principal,
                        setId,
                        [new NewCase(taken.Value, CaseOrigin.Manual)],
                        Now,
                        cancellationToken
                    );
                    return added.Map(cases => TestCaseItem.Of(cases[0]));
                },
                cancellationToken
            )
            : taken.Problem;
    }

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
                    return Problem.Conflict($"“{set.Name}” already has a test case from this output. Edit that one.");
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
                var added = await CaseWriter.AddAsync(db, principal, setId, [new NewCase(content, origin, log.Id)], Now, cancellationToken);
                return added.Map(cases => TestCaseItem.Of(cases[0]));
            },
            cancellationToken
        );

    /// <summary>Adds the rows of a CSV file: all of them, or none and what is wrong with which row.</summary>
    /// <param name="csv">
    /// A column for each variable or input, and <c>name</c>, <c>expected</c> and <c>tags</c> where wanted; a column <c>input.name</c> is
    /// the variable <c>name</c>. A cell that is JSON (an object, a list, a number, true or false) is that value where the prompt or
    /// workflow declares the type.
    /// </param>
    public Task<Result<CaseImport>> ImportAsync(Actor actor, string setId, string csv, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<CaseImport>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var variables = await TestSetQuery.VariablesAsync(db, setId, cancellationToken);
                if (variables is null)
                {
                    return Problem.NotFound("test set");
                }

                var rows = CaseCsv.Read(csv, variables);
                if (!rows.IsOk)
                {
                    return rows.Problem;
                }

                var added = await CaseWriter.AddAsync(
                    db,
                    principal,
                    setId,
                    [.. rows.Value.Select(row => new NewCase(row, CaseOrigin.File))],
                    Now,
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

    /// <summary>Changes a case: one's own, or any for those who may edit test sets.</summary>
    public async Task<Result<TestCaseItem>> UpdateAsync(
        Actor actor,
        string setId,
        string caseId,
        TestCaseContent content,
        CancellationToken cancellationToken
    )
    {
        var taken = await TakeFilesAsync(actor, setId, content, cancellationToken);
        return taken.IsOk
            ? await operations.ExclusiveAsync<TestCaseItem>(
                actor,
                Permission.Run,
                async (db, principal) =>
                {
                    if (await FindAsync(db, setId, caseId, cancellationToken) is not { } test)
                    {
                        return Problem.NotFound("test case");
                    }

                    if (Refusal(test, principal) is { } refusal)
                    {
                        return refusal;
                    }

                    if (TestCaseRules.Errors(taken.Value, "").ToList() is { Count: > 0 } errors)
                    {
                        return Problem.Invalid("Could not save the test case.", errors);
                    }

                    CaseWriter.Apply(test, taken.Value);
                    await CaseWriter.KeepFilesAsync(db, test, principal.UserId, Now, cancellationToken);
                    await CaseWriter.ChangedAsync(db, setId, Now, cancellationToken);
                    await db.SaveChangesAsync(cancellationToken);
                    return TestCaseItem.Of(test);
                },
                cancellationToken
            )
            : taken.Problem;
    }

    /// <summary>Stores files that were sent inside of the case. Before its transaction, because reading a document takes seconds.</summary>
    private Task<Result<TestCaseContent>> TakeFilesAsync(
        Actor actor,
        string setId,
        TestCaseContent content,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<TestCaseContent>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var variables = await TestSetQuery.VariablesAsync(db, setId, cancellationToken) ?? [];
                var kinds = VariableTypes.FilesOf(variables.Select(variable => (variable.Name, variable.Type)));
                var taken = await files.TakeAsync(kinds, content.Inputs, "inputs", principal.UserId, cancellationToken);
                return taken.Map(value => content with { Inputs = value.Values });
            },
            cancellationToken
        );

    /// <summary>
    /// Deletes a case, including from the versions used by experiments, since its texts can be personal: your own, or any with the
    /// permission to edit test sets.
    /// </summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string setId, string caseId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                if (await FindAsync(db, setId, caseId, cancellationToken) is not { } test)
                {
                    return Problem.NotFound("test case");
                }

                if (Refusal(test, principal) is { } refusal)
                {
                    return refusal;
                }

                await CaseWriter.ForgetAsync(db, setId, [caseId], cancellationToken);
                db.TestCases.Remove(test);
                await CaseWriter.ChangedAsync(db, setId, Now, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static Task<TestCase?> FindAsync(PromptPilotDbContext db, string setId, string caseId, CancellationToken cancellationToken) =>
        db.TestCases.SingleOrDefaultAsync(c => c.Id == caseId && c.TestSetId == setId, cancellationToken);

    /// <summary>Cases decide about protected changes, so those of others are for people who may edit test sets.</summary>
    private static Problem? Refusal(TestCase test, Principal principal) =>
        Access.Allows(principal.Role, Permission.Write) || (principal.UserId is { } me && me == test.CreatedBy)
            ? null
            : Problem.Forbidden("Only an architect or the person who made a test case can change or delete it.");
}
