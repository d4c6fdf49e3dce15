using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

/// <summary>The outcome of a bulk change of prompts.</summary>
/// <param name="Changed">Ids of those that changed.</param>
/// <param name="Refused">One line for each that could not be changed, with its name and why.</param>
public sealed record BulkOutcome(IReadOnlyList<string> Changed, IReadOnlyList<string> Refused);

/// <summary>Changes many prompts in one transaction. Ids of deleted prompts are skipped.</summary>
public sealed class PromptBulkService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    TimeProvider time
)
{
    /// <summary>The most prompts that one change accepts.</summary>
    public const int Most = 500;

    /// <summary>Adds and removes tags. Each prompt that changes gets a new version (a patch), as if it were saved by hand.</summary>
    public Task<Result<BulkOutcome>> TagAsync(
        Actor actor,
        IReadOnlyList<string> promptIds,
        IReadOnlyList<string> add,
        IReadOnlyList<string> remove,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<BulkOutcome>(
            actor,
            Permission.Write,
            async principal =>
            {
                var message = string.Join("; ", new[] { Words("tagged", add), Words("untagged", remove) }.OfType<string>());
                return await ChangeAsync(
                    promptIds,
                    async (db, prompt, number, refused) =>
                    {
                        var parts = await PartsOfAsync(db, prompt, cancellationToken);
                        if (!parts.IsOk)
                        {
                            refused.Add($"{prompt.Name}: {parts.Problem.Message}");
                            return false;
                        }

                        var tags = prompt
                            .Metadata.Tags.Where(tag => !remove.Contains(tag, StringComparer.OrdinalIgnoreCase))
                            .Concat(add)
                            .ToList();
                        var draft = (
                            PromptDraft.Of(prompt) with
                            {
                                Tags = tags,
                                Message = message.Length <= PromptChecks.MaxMessage ? message : null,
                                Parts = parts.Value,
                            }
                        ).Normalized();
                        var step = PromptVersioning.Decide(prompt, draft);
                        if (step.Change == VersionChange.None)
                        {
                            return false;
                        }

                        // Only tags change: a text that today's rules would refuse does not stand in their way.
                        if (PromptChecks.Check(draft).FirstOrDefault(error => error.Field == "metadata.tags") is { } error)
                        {
                            refused.Add($"{prompt.Name}: {error.Message}");
                            return false;
                        }

                        PromptWriter.Apply(draft, prompt, Now);
                        PromptWriter.AddVersion(db, prompt, number + 1, step.Version, draft.Message, principal);
                        return true;
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <summary>Puts prompts away, or takes them out again. Workflows that use an archived prompt continue as before.</summary>
    public Task<Result<BulkOutcome>> ArchiveAsync(
        Actor actor,
        IReadOnlyList<string> promptIds,
        bool archived,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<BulkOutcome>(
            actor,
            Permission.Write,
            async _ =>
            {
                return await ChangeAsync(
                    promptIds,
                    (_, prompt, _, _) =>
                    {
                        var changes = prompt.Archived != archived;
                        prompt.Archived = archived;
                        return Task.FromResult(changes);
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <summary>The pinned parts, since tagging does not pick up newer ones.</summary>
    private static async Task<Result<Dictionary<string, LiquidPart>>> PartsOfAsync(
        PromptPilotDbContext db,
        Prompt prompt,
        CancellationToken cancellationToken
    )
    {
        if (prompt.Parts.Count == 0)
        {
            return new Dictionary<string, LiquidPart>();
        }

        var version = await db.PromptVersions.AsNoTracking().SingleAsync(v => v.Id == prompt.LatestVersionId, cancellationToken);
        return await new PartTree(PartSaving.SourceOf(db)).OfAsync(version, cancellationToken);
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <param name="change">Gets the prompt and the number of its newest version. Returns true if it changed the prompt.</param>
    private async Task<Result<BulkOutcome>> ChangeAsync(
        IReadOnlyList<string> promptIds,
        Func<PromptPilotDbContext, Prompt, int, List<string>, Task<bool>> change,
        CancellationToken cancellationToken
    )
    {
        if (promptIds.Count > Most)
        {
            return Problem.AtField("ids", $"At most {Most} prompts can be changed at once; {promptIds.Count} are selected. Select fewer.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var prompts = await db.Prompts.Where(p => promptIds.Contains(p.Id)).OrderBy(p => p.NormalizedName).ToListAsync(cancellationToken);
        var numbers = await db
            .PromptVersions.Where(v => promptIds.Contains(v.PromptId))
            .GroupBy(v => v.PromptId)
            .Select(v => new { v.Key, Number = v.Max(x => x.Number) })
            .ToDictionaryAsync(v => v.Key, v => v.Number, cancellationToken);
        var (changed, refused) = (new List<string>(), new List<string>());
        foreach (var prompt in prompts)
        {
            if (await change(db, prompt, numbers.GetValueOrDefault(prompt.Id), refused))
            {
                prompt.Revision++;
                changed.Add(prompt.Id);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new BulkOutcome(changed, refused);
    }

    private static string? Words(string word, IReadOnlyList<string> tags) => tags.Count == 0 ? null : $"{word} {string.Join(", ", tags)}";
}
