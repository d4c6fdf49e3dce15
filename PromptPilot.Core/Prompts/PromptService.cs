using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

/// <summary>Prompts and their versions. Each saved change makes an immutable version, in one transaction with the change.</summary>
public sealed class PromptService(Operations operations, TimeProvider time)
{
    /// <summary>A page of the prompts that a filter lets through.</summary>
    public Task<Result<Page<PromptListItem>>> ListAsync(
        Actor actor,
        PromptFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<PromptListItem>>(
            actor,
            Permission.Read,
            async (db, _) => await PromptList.ReadAsync(db, filter, page, cancellationToken),
            cancellationToken
        );

    /// <summary>Filter values: categories, tags, labels and authors in use.</summary>
    public Task<Result<PromptFacets>> ListFacetsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<PromptFacets>(
            actor,
            Permission.Read,
            async (db, _) => await PromptFacetsQuery.ReadAsync(db, cancellationToken),
            cancellationToken
        );

    /// <summary>The current state of a prompt.</summary>
    public Task<Result<Prompt>> FindAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<Prompt>(
            actor,
            Permission.Read,
            async (db, _) =>
                await db.Prompts.AsNoTracking().SingleOrDefaultAsync(p => p.Id == promptId, cancellationToken) is { } prompt
                    ? prompt
                    : Problem.NotFound("prompt"),
            cancellationToken
        );

    /// <summary>One version by its semantic version.</summary>
    public Task<Result<PromptVersion>> FindVersionAsync(
        Actor actor,
        string promptId,
        string version,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<PromptVersion>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                return
                    await db
                        .PromptVersions.AsNoTracking()
                        .SingleOrDefaultAsync(v => v.PromptId == promptId && v.Version == version, cancellationToken)
                        is { } found
                    ? found
                    : Problem.NotFound("prompt version");
            },
            cancellationToken
        );

    /// <summary>The versions of a prompt, the newest first; pages continue after a version's number.</summary>
    public Task<Result<Page<PromptVersion>>> ListVersionsAsync(
        Actor actor,
        string promptId,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<PromptVersion>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var before = int.MaxValue;
                if (page.After is { } after && !int.TryParse(after, out before))
                {
                    return PageRequest.WrongCursor;
                }

                if (!await db.Prompts.AnyAsync(p => p.Id == promptId, cancellationToken))
                {
                    return Problem.NotFound("prompt");
                }

                var versions = await db
                    .PromptVersions.AsNoTracking()
                    .Where(v => v.PromptId == promptId && v.Number < before)
                    .OrderByDescending(v => v.Number)
                    .Take(page.Take + 1)
                    .ToListAsync(cancellationToken);
                return Page.Of(versions, page, last => last.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            },
            cancellationToken
        );

    /// <summary>The prompt of a name, at a label.</summary>
    /// <param name="label">Null means latest. An unknown label is not found, never a silent fallback.</param>
    public Task<Result<PromptVersion>> FindByNameAsync(Actor actor, string name, string? label, CancellationToken cancellationToken) =>
        operations.ReadAsync<PromptVersion>(
            actor,
            Permission.Read,
            (db, _) => PromptByName.FindAsync(db, name, null, label, cancellationToken),
            cancellationToken
        );

    /// <summary>The workflows that use a prompt, by name.</summary>
    public Task<Result<IReadOnlyList<PromptUse>>> ListUsesAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<PromptUse>>(
            actor,
            Permission.Read,
            async (db, _) => await PromptUses.FindAsync(db, promptId, cancellationToken),
            cancellationToken
        );

    /// <summary>The prompts whose newest version includes this one, by name.</summary>
    public Task<Result<IReadOnlyList<PartUse>>> ListPartUsesAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<PartUse>>(
            actor,
            Permission.Read,
            async (db, _) => (await PartUses.LoadAsync(db, cancellationToken)).Of(promptId),
            cancellationToken
        );

    /// <summary>The draft with its parts, pinned as on saving, for a preview. Stores nothing.</summary>
    /// <param name="promptId">Id of the edited prompt; null for a new one.</param>
    public Task<Result<PromptDraft>> FindPartsAsync(
        Actor actor,
        PromptDraft draft,
        string? promptId,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<PromptDraft>(
            actor,
            Permission.Read,
            async (db, _) =>
                promptId is null || await db.Prompts.AnyAsync(p => p.Id == promptId, cancellationToken)
                    ? await PartSaving.ResolveAsync(db, draft.Normalized(), promptId ?? "", cancellationToken)
                    : Problem.NotFound("prompt"),
            cancellationToken
        );

    /// <summary>Renders a draft with example values and says what is wrong with it. Stores nothing.</summary>
    public Task<Result<PromptPreview>> PreviewAsync(
        Actor actor,
        PromptDraft draft,
        IReadOnlyDictionary<string, JsonElement>? values,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<PromptPreview>(
            actor,
            Permission.Read,
            async (db, _) =>
                PromptPreview.Of(await PartSaving.ResolveAsync(db, draft.Normalized(), "", cancellationToken), values, cancellationToken),
            cancellationToken
        );

    /// <summary>Makes a prompt and its version 1.0.0.</summary>
    public Task<Result<Prompt>> CreateAsync(Actor actor, PromptDraft draft, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Prompt>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (MessageForms.Contradiction(draft, null) is { } contradiction)
                {
                    return contradiction;
                }

                var prompt = new Prompt
                {
                    Name = draft.Name,
                    NormalizedName = "",
                    Content = draft.Content,
                    CreatedBy = principal.UserId,
                    CreatedAt = Now,
                };
                draft = await PartSaving.ResolveAsync(db, draft.Normalized(), prompt.Id, cancellationToken);
                if (PromptRefusals.Of(draft) is { } refusal)
                {
                    return refusal;
                }

                if (await PromptRefusals.OfNameAsync(db, prompt.Id, draft.Name, cancellationToken) is { } taken)
                {
                    return taken;
                }

                PromptWriter.Apply(draft, prompt, Now);
                db.Prompts.Add(prompt);
                PromptWriter.AddVersion(db, prompt, 1, PromptVersioning.First, draft.Message, principal);
                await db.SaveChangesAsync(cancellationToken);
                return prompt;
            },
            cancellationToken
        );

    /// <summary>Saves a change and makes its version; without any change nothing is made.</summary>
    /// <param name="ifRevision">The expected revision; any other is refused as stale. Null: any.</param>
    public Task<Result<Prompt>> UpdateAsync(
        Actor actor,
        string promptId,
        PromptDraft draft,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<Prompt>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var found = await db.Prompts.Where(p => p.Id == promptId).ToChangeAsync("prompt", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var prompt = found.Value;

                if (MessageForms.Contradiction(draft, prompt) is { } contradiction)
                {
                    return contradiction;
                }

                draft = await PartSaving.ResolveAsync(db, draft.Normalized(), prompt.Id, cancellationToken);
                if (
                    (PromptRefusals.Of(draft) ?? await PromptRefusals.OfNameAsync(db, prompt.Id, draft.Name, cancellationToken)) is
                    { } refusal
                )
                {
                    return refusal;
                }

                if (
                    !string.Equals(draft.Name.ToUpperInvariant(), prompt.NormalizedName, StringComparison.Ordinal)
                    && await LabelWriter.PinnedNameAsync(db, prompt, "renamed", cancellationToken) is { } pinned
                )
                {
                    return pinned;
                }

                var step = PromptVersioning.Decide(prompt, draft);
                if (step.Change == VersionChange.None)
                {
                    return prompt;
                }

                PromptWriter.Apply(draft, prompt, Now);
                prompt.Revision++;
                var number = await db.PromptVersions.Where(v => v.PromptId == promptId).MaxAsync(v => v.Number, cancellationToken) + 1;
                PromptWriter.AddVersion(db, prompt, number, step.Version, draft.Message, principal);
                await db.SaveChangesAsync(cancellationToken);
                return prompt;
            },
            cancellationToken
        );

    /// <summary>Deletes a prompt with its versions and labels; refused while any workflow, draft or published version, uses it.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string promptId, int? ifRevision, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var found = await db.Prompts.Where(p => p.Id == promptId).ToChangeAsync("prompt", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var prompt = found.Value;

                if (await PromptRefusals.OfDeletionAsync(db, prompt, cancellationToken) is { } kept)
                {
                    return kept;
                }

                // Labels hold their version, so they go before it.
                if (await LabelWriter.RemoveAllAsync(db, prompt, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                db.Prompts.Remove(prompt);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
