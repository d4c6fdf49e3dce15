using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>A case that is to be added.</summary>
/// <param name="OriginId">Id of the ExecutionLog that it was made from.</param>
internal sealed record NewCase(TestCaseContent Content, CaseOrigin Origin, string? OriginId = null);

/// <summary>Writes cases of test sets, in the caller's transaction.</summary>
internal static class CaseWriter
{
    /// <summary>Adds cases behind those of the set, and saves them: all, or none and what is wrong with which.</summary>
    public static async Task<Result<List<TestCase>>> AddAsync(
        PromptPilotDbContext db,
        Principal principal,
        string setId,
        IReadOnlyList<NewCase> cases,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        if (!await db.TestSets.AnyAsync(s => s.Id == setId, cancellationToken))
        {
            return Problem.NotFound("test set");
        }

        var hidden = await HiddenFilesAsync(db, principal.UserId, cases, cancellationToken);
        var errors = cases
            .SelectMany((test, i) => Errors(test.Content, cases.Count == 1 ? "" : $"cases[{i}].", hidden))
            .Take(TestCaseRules.MaxErrors)
            .ToList();
        var count = await db.TestCases.CountAsync(c => c.TestSetId == setId, cancellationToken);
        if (count + cases.Count > TestCaseService.Most)
        {
            errors.Add(
                new FieldError(
                    "cases",
                    $"A test set can have at most {TestCaseService.Most:N0} cases; it would have {count + cases.Count:N0}."
                )
            );
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid("No test case was added.", errors);
        }

        var number = await db.TestCases.Where(c => c.TestSetId == setId).MaxAsync(c => (int?)c.Number, cancellationToken) ?? 0;
        var added = new List<TestCase>();
        foreach (var (content, origin, originId) in cases)
        {
            var test = new TestCase
            {
                TestSetId = setId,
                Number = ++number,
                Origin = origin,
                OriginId = originId,
                CreatedBy = principal.UserId,
                CreatedAt = now,
            };
            Apply(test, content);
            added.Add(test);
        }

        db.TestCases.AddRange(added);
        foreach (var test in added)
        {
            await KeepFilesAsync(db, test, principal.UserId, now, cancellationToken);
        }

        await ChangedAsync(db, setId, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return added;
    }

    private static IEnumerable<FieldError> Errors(TestCaseContent content, string path, HashSet<string> hidden) =>
        TestCaseRules
            .Errors(content, path)
            .Concat(
                content
                    .Inputs.Where(input => FileReference.Read(input.Value) is { } file && hidden.Contains(file.File))
                    .Select(input => new FieldError($"{path}inputs.{input.Key}", FileInputs.NotStored))
            );

    /// <summary>Files that someone names who may not read them. What a run had, anyone may read.</summary>
    private static async Task<HashSet<string>> HiddenFilesAsync(
        PromptPilotDbContext db,
        string? userId,
        IReadOnlyList<NewCase> cases,
        CancellationToken cancellationToken
    )
    {
        var named = FileReference
            .In(
                cases
                    .Where(test => test.Origin is CaseOrigin.Manual or CaseOrigin.File or CaseOrigin.Example)
                    .SelectMany(test => test.Content.Inputs.Values)
            )
            .Keys.ToHashSet();
        foreach (var hashes in named.Chunk(500).ToList())
        {
            named.ExceptWith(
                await FileService
                    .Visible(db, userId)
                    .Where(file => hashes.Contains(file.Hash))
                    .Select(file => file.Hash)
                    .ToListAsync(cancellationToken)
            );
        }

        return named;
    }

    /// <summary>Raises the version of a set whose cases change.</summary>
    public static async Task ChangedAsync(PromptPilotDbContext db, string setId, DateTime now, CancellationToken cancellationToken)
    {
        var set = await db.TestSets.SingleAsync(s => s.Id == setId, cancellationToken);
        await TestSetVersions.RaiseAsync(db, set, cancellationToken);
        set.Revision++;
        set.UpdatedAt = now;
    }

    /// <summary>
    /// Keeps the files of a case as long as the case exists: earlier versions of the set have those that it had before. The caller saves.
    /// </summary>
    /// <param name="userId">Files that this user may not read are not kept: everyone reads those of a case.</param>
    public static async Task KeepFilesAsync(
        PromptPilotDbContext db,
        TestCase test,
        string? userId,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var hashes = FileReference.In(test.Inputs.Values).Keys.ToList();
        if (hashes.Count > 0)
        {
            var own = await FileService
                .Visible(db, userId)
                .Where(file => hashes.Contains(file.Hash))
                .Select(file => file.Hash)
                .ToListAsync(cancellationToken);
            await FileUses.AddAsync(db, FileOwner.TestCase, test.Id, own, now, cancellationToken);
        }
    }

    public static void Apply(TestCase test, TestCaseContent content)
    {
        test.Name = content.Name.Trim();
        test.Inputs = new Dictionary<string, JsonElement>(content.Inputs);
        test.Expected = string.IsNullOrEmpty(content.Expected) ? null : content.Expected;
        test.Tags = [.. content.Tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Takes cases out of the copies that experiments used: their texts can be personal.</summary>
    public static async Task ForgetAsync(
        PromptPilotDbContext db,
        string setId,
        IReadOnlyCollection<string> caseIds,
        CancellationToken cancellationToken
    )
    {
        foreach (var version in await db.TestSetVersions.Where(v => v.TestSetId == setId).ToListAsync(cancellationToken))
        {
            version.Cases = [.. version.Cases.Where(frozen => !caseIds.Contains(frozen.Id))];
        }
    }
}
