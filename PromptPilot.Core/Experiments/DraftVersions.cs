using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments;

/// <summary>
/// Freezes unsaved drafts, so that an experiment can run them. A frozen draft is a version that nothing but its runs knows: it has a
/// negative number, and no list, label, step or export finds it.
/// </summary>
internal sealed class DraftVersions(PromptPilotDbContext db, Principal by, DateTime now)
{
    /// <summary>The version of a variant that shows a draft, instead of a semantic one.</summary>
    public const string Name = "draft";

    private readonly Dictionary<string, PromptVersion> _made = new(StringComparer.Ordinal);

    /// <summary>What was frozen, not yet in the context.</summary>
    public IReadOnlyCollection<PromptVersion> Made => _made.Values;

    /// <summary>A draft as a version; the same one for an equal draft.</summary>
    /// <returns>What is wrong with the draft, below <c>draft.</c>.</returns>
    public async Task<Result<PromptVersion>> FreezeAsync(string promptId, PromptDraft draft, CancellationToken cancellationToken)
    {
        // A test is not a new name: that of the draft may be taken, and says nothing about what the model is sent.
        var name = await db.Prompts.Where(prompt => prompt.Id == promptId).Select(prompt => prompt.Name).SingleAsync(cancellationToken);
        draft = draft.Normalized() with { Name = name, Category = "", Tags = [], IsPart = false, Message = null };
        draft = await PartSaving.ResolveAsync(db, draft, promptId, cancellationToken);
        if (PromptChecks.Check(draft) is { Count: > 0 } errors)
        {
            return Problem.Invalid("The draft has errors.", [.. errors.Select(error => error with { Field = $"draft.{error.Field}" })]);
        }

        var key = JsonSerializer.Serialize(
            new
            {
                draft.Content,
                draft.SystemMessage,
                draft.Messages,
                draft.VariableDefinitions,
                draft.Pins,
            },
            AppJson.Options
        );
        if (!_made.TryGetValue(key, out var version))
        {
            var id = Ids.New();
            version = new PromptVersion
            {
                Id = id,
                PromptId = promptId,
                Version = $"{Name}-{id}",
                Name = draft.Name,
                Content = draft.Content,
                SystemMessage = draft.SystemMessage,
                Messages = [.. draft.Messages ?? []],
                Parts = [.. draft.Pins ?? []],
                Variables = PromptSource.Of(draft).Variables(),
                VariableDefinitions = [.. draft.VariableDefinitions],
                CreatedBy = by.UserId,
                CreatedAt = now,
            };
            _made[key] = version;
        }

        return version;
    }

    /// <summary>Adds frozen drafts to the context, each with the next number below those that there are.</summary>
    public static async Task AddAsync(
        PromptPilotDbContext db,
        IReadOnlyCollection<PromptVersion> drafts,
        CancellationToken cancellationToken
    )
    {
        foreach (var prompt in drafts.GroupBy(draft => draft.PromptId))
        {
            var lowest = await db
                .PromptVersions.IgnoreQueryFilters([PromptVersions.Drafts])
                .Where(version => version.PromptId == prompt.Key)
                .MinAsync(version => (int?)version.Number, cancellationToken);
            var number = Math.Min(lowest ?? 0, 0);
            foreach (var draft in prompt)
            {
                draft.Number = --number;
                db.PromptVersions.Add(draft);
            }
        }
    }
}
