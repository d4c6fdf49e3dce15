using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

/// <summary>The saved inputs of a prompt.</summary>
public sealed class PromptExampleService(Operations operations, TimeProvider time)
{
    /// <summary>The most examples of a prompt.</summary>
    public const int Most = 100;

    /// <summary>The most characters of an example's values as JSON.</summary>
    public const int MostCharacters = 1024 * 1024;

    /// <summary>The examples of a prompt, by name.</summary>
    public Task<Result<IReadOnlyList<PromptExample>>> ListAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<PromptExample>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await db
                    .PromptExamples.AsNoTracking()
                    .Where(e => e.PromptId == promptId)
                    .OrderBy(e => e.Name)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>Keeps values under a new name.</summary>
    public Task<Result<PromptExample>> SaveAsync(
        Actor actor,
        string promptId,
        string name,
        IReadOnlyDictionary<string, JsonElement> values,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<PromptExample>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                name = name.Trim();
                if (name.Length is 0 or > PromptChecks.MaxName || name.Any(char.IsControl))
                {
                    return Problem.AtField(
                        "name",
                        name.Length == 0
                            ? "Enter a name for the example."
                            : $"A name can have at most {PromptChecks.MaxName} displayable characters."
                    );
                }

                if (values.Values.Select(InputValues.Unusable).FirstOrDefault(wrong => wrong is not null) is { } unusable)
                {
                    return Problem.AtField("values", unusable);
                }

                if (values.Values.Sum(value => (long)value.GetRawText().Length) > MostCharacters)
                {
                    return Problem.AtField("values", $"An example can have at most {MostCharacters:N0} characters. Shorten the values.");
                }

                if (!await db.Prompts.AnyAsync(p => p.Id == promptId, cancellationToken))
                {
                    return Problem.NotFound("prompt");
                }

                var names = await db.PromptExamples.Where(e => e.PromptId == promptId).Select(e => e.Name).ToListAsync(cancellationToken);
                if (names.Contains(name) || names.Count >= Most)
                {
                    return Problem.AtField(
                        "name",
                        names.Contains(name)
                            ? $"There is already an example named “{name}”. Choose another name, or delete that one first."
                            : $"A prompt can have at most {Most} examples. Delete one first."
                    );
                }

                var example = new PromptExample
                {
                    PromptId = promptId,
                    Name = name,
                    Values = new Dictionary<string, JsonElement>(values),
                    CreatedBy = principal.UserId,
                    CreatedAt = time.GetUtcNow().UtcDateTime,
                };
                db.PromptExamples.Add(example);
                await db.SaveChangesAsync(cancellationToken);
                return example;
            },
            cancellationToken
        );

    /// <summary>Removes an example: your own, or any with the write permission.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string exampleId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var example = await db.PromptExamples.SingleOrDefaultAsync(e => e.Id == exampleId, cancellationToken);
                if (example is null)
                {
                    return Problem.NotFound("example");
                }

                if (example.CreatedBy != principal.UserId && !Access.Allows(principal.Role, Permission.Write))
                {
                    return Problem.Forbidden("Only an architect or the person who saved the example can delete it.");
                }

                db.PromptExamples.Remove(example);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
}
