using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

/// <summary>The movable names on versions of a prompt, and what moving one would do.</summary>
public sealed class PromptLabelService(Operations operations, TimeProvider time)
{
    /// <summary>The labels of a prompt, by name.</summary>
    public Task<Result<IReadOnlyList<PromptLabelItem>>> ListLabelsAsync(
        Actor actor,
        string promptId,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<PromptLabelItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
                await (
                    from label in db.PromptLabels.AsNoTracking()
                    where label.PromptId == promptId
                    join version in db.PromptVersions on label.PromptVersionId equals version.Id
                    orderby label.Name
                    select new PromptLabelItem(label.Name, version.Version, label.UpdatedAt)
                ).ToListAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// The effects of putting a label on a version: the workflows that follow it, and the variables they would miss. Changes nothing.
    /// </summary>
    public Task<Result<LabelImpact>> FindImpactAsync(
        Actor actor,
        string promptId,
        string label,
        string version,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<LabelImpact>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                if (await RefusalAsync(db, promptId, label, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                var to = await db
                    .PromptVersions.AsNoTracking()
                    .SingleOrDefaultAsync(v => v.PromptId == promptId && v.Version == version, cancellationToken);
                if (to is null)
                {
                    return Problem.AtField("version", $"This prompt has no version “{version}”.");
                }

                var from = await (
                    from row in db.PromptLabels.AsNoTracking()
                    where row.PromptId == promptId && row.Name == label
                    join standing in db.PromptVersions on row.PromptVersionId equals standing.Id
                    select standing
                )
                    .AsNoTracking()
                    .SingleOrDefaultAsync(cancellationToken);
                return await LabelImpactFinder.FindAsync(db, label, from, to, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Puts a label on a version, moving it if it is on another. Conflict if the label is protected.</summary>
    public Task<Result<PromptLabelItem>> SetLabelAsync(
        Actor actor,
        string promptId,
        string label,
        string version,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<PromptLabelItem>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (await RefusalAsync(db, promptId, label, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                if (
                    await db
                        .PromptVersions.Where(v => v.PromptId == promptId && v.Version == version)
                        .Select(v => v.Id)
                        .SingleOrDefaultAsync(cancellationToken)
                    is not { } versionId
                )
                {
                    return Problem.AtField("version", $"This prompt has no version “{version}”.");
                }

                var moved = await LabelWriter.MoveAsync(
                    db,
                    promptId,
                    label,
                    versionId,
                    principal.UserId,
                    Now,
                    changeRequestId: null,
                    cancellationToken
                );
                if (!moved.IsOk)
                {
                    return moved.Problem;
                }

                await db.SaveChangesAsync(cancellationToken);
                return new PromptLabelItem(label, version, moved.Value.UpdatedAt);
            },
            cancellationToken
        );

    /// <summary>Takes a label away; refused while a workflow names the prompt by it.</summary>
    public Task<Result<Done>> RemoveLabelAsync(Actor actor, string promptId, string label, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var row = await db.PromptLabels.SingleOrDefaultAsync(l => l.PromptId == promptId && l.Name == label, cancellationToken);
                if (row is null)
                {
                    return Problem.NotFound("label");
                }

                if ((await PartUses.LoadAsync(db, cancellationToken)).NamesOf(promptId, label) is { Count: > 0 } including)
                {
                    return Problem.Conflict(
                        $"The label “{label}” is followed by {string.Join(", ", including.Take(5).Select(name => $"“{name}”"))}, "
                            + "in a current or earlier version. Move it instead."
                    );
                }

                var users = (await PromptUses.FindAsync(db, promptId, cancellationToken)).Where(u => u.Labels.Contains(label)).ToList();
                if (users.Count > 0)
                {
                    return Problem.Conflict(
                        $"The label “{label}” is used by "
                            + $"{string.Join(", ", users.Take(5).Select(u => $"“{u.WorkflowName}”"))}. Move it instead, or change "
                            + "those workflows first."
                    );
                }

                if (await LabelWriter.RemoveAsync(db, row, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static async Task<Problem?> RefusalAsync(
        PromptPilotDbContext db,
        string promptId,
        string label,
        CancellationToken cancellationToken
    ) =>
        PromptLabels.Problem(label) is { } wrong ? Problem.AtField("label", wrong)
        : await db.Prompts.AnyAsync(p => p.Id == promptId, cancellationToken) ? null
        : Problem.NotFound("prompt");
}
