using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>Inputs of a prompt that were saved under a name: a case of one of its test sets.</summary>
public sealed record SavedExample(string Id, string TestSetId, string Name, IReadOnlyDictionary<string, JsonElement> Values);

/// <summary>Examples of a prompt, to try it with them again. They are test cases, so an experiment can use them too.</summary>
public sealed class ExampleService(Operations operations, TimeProvider time)
{
    /// <summary>Of one prompt.</summary>
    public const int Most = 100;

    /// <summary>The test set that new examples go to. It is created with the first.</summary>
    public const string SetName = "Examples";

    /// <summary>The examples of a prompt, by name.</summary>
    public Task<Result<IReadOnlyList<SavedExample>>> ListAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<SavedExample>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await Of(db, promptId)
                    .AsNoTracking()
                    .OrderBy(test => test.Name)
                    .ThenBy(test => test.Id)
                    .Select(test => new SavedExample(test.Id, test.TestSetId, test.Name, test.Inputs))
                    .ToListAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>Saves values under a new name.</summary>
    public Task<Result<SavedExample>> SaveAsync(
        Actor actor,
        string promptId,
        string name,
        IReadOnlyDictionary<string, JsonElement> values,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<SavedExample>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                name = name.Trim();
                if (name.Length == 0)
                {
                    return Problem.AtField("name", "Enter a name for the example.");
                }

                if (!await db.Prompts.AnyAsync(p => p.Id == promptId, cancellationToken))
                {
                    return Problem.NotFound("prompt");
                }

                var names = await Of(db, promptId).Select(test => test.Name).ToListAsync(cancellationToken);
                if (names.Contains(name) || names.Count >= Most)
                {
                    return Problem.AtField(
                        "name",
                        names.Contains(name)
                            ? $"There is already an example named “{name}”. Choose another name, or delete that one first."
                            : $"A prompt can have at most {Most} examples. Delete one first."
                    );
                }

                var now = time.GetUtcNow().UtcDateTime;
                var setId = await EnsureSetAsync(db, principal, promptId, now, cancellationToken);
                var example = new NewCase(new TestCaseContent(name, values, null, []), CaseOrigin.Example);
                var added = await CaseWriter.AddAsync(db, principal, setId, [example], now, cancellationToken);
                return added.Map(cases => new SavedExample(cases[0].Id, setId, cases[0].Name, cases[0].Inputs));
            },
            cancellationToken
        );

    private static IQueryable<TestCase> Of(PromptPilotDbContext db, string promptId) =>
        db.TestCases.Where(test =>
            test.Origin == CaseOrigin.Example && db.TestSets.Any(set => set.Id == test.TestSetId && set.PromptId == promptId)
        );

    private static async Task<string> EnsureSetAsync(
        PromptPilotDbContext db,
        Principal principal,
        string promptId,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var normalized = SetName.ToUpperInvariant();
        var set = await db.TestSets.SingleOrDefaultAsync(s => s.PromptId == promptId && s.NormalizedName == normalized, cancellationToken);
        if (set is null)
        {
            set = new TestSet
            {
                PromptId = promptId,
                Name = SetName,
                NormalizedName = normalized,
                CreatedBy = principal.UserId,
                CreatedAt = now,
                UpdatedAt = now,
            };
            db.TestSets.Add(set);
            await db.SaveChangesAsync(cancellationToken);
        }

        return set.Id;
    }
}
