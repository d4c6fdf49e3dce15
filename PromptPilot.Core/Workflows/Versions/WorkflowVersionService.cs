using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>A version in the history of a workflow.</summary>
/// <param name="Message">The publisher's note.</param>
/// <param name="By">Name of who published it; null when that is no longer known.</param>
/// <param name="Override">Why an admin published it without the required approval; null: none was required, or it was given.</param>
public sealed record WorkflowVersionItem(int Number, string? Message, string? By, DateTime At, string? Override = null);

/// <summary>Reads the published versions of a workflow, says what differs, and gives one back as content for a draft.</summary>
public sealed class WorkflowVersionService(Operations operations)
{
    private const string What = "version";

    /// <summary>The versions, the newest first.</summary>
    public Task<Result<Page<WorkflowVersionItem>>> ListAsync(
        Actor actor,
        string workflowId,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<WorkflowVersionItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                int? before = null;
                if (page.After is { } after)
                {
                    if (!int.TryParse(after, out var number))
                    {
                        return PageRequest.WrongCursor;
                    }

                    before = number;
                }

                var items = await db
                    .WorkflowVersions.AsNoTracking()
                    .Where(v => v.WorkflowId == workflowId && (before == null || v.Number < before))
                    .OrderByDescending(v => v.Number)
                    .Take(page.Take + 1)
                    .Select(v => new WorkflowVersionItem(
                        v.Number,
                        v.Message,
                        db.Users.Where(user => user.Id == v.CreatedBy).Select(user => user.Name).FirstOrDefault(),
                        v.CreatedAt,
                        db.ChangeRequests.Where(r => r.WorkflowVersionId == v.Id && r.Status == ChangeStatus.Overridden)
                            .Select(r => r.Reason)
                            .FirstOrDefault()
                    ))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => last.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            },
            cancellationToken
        );

    /// <summary>Describes the differences between two versions, or a version and the draft.</summary>
    /// <param name="from">Number of the older one; null: the saved draft.</param>
    /// <param name="to">Number of the newer one; null: the saved draft.</param>
    public Task<Result<WorkflowComparison>> CompareAsync(
        Actor actor,
        string workflowId,
        int? from,
        int? to,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<WorkflowComparison>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                if (await DraftAsync(db, workflowId, cancellationToken) is not { } draft)
                {
                    return Problem.NotFound("workflow");
                }

                var (left, right) = (
                    await FindAsync(db, workflowId, from, cancellationToken),
                    await FindAsync(db, workflowId, to, cancellationToken)
                );
                if ((from is not null && left is null) || (to is not null && right is null))
                {
                    return Problem.NotFound(What);
                }

                var names = await SketchNames.LoadAsync(
                    db,
                    [draft],
                    [.. new[] { left, right }.OfType<WorkflowDefinition>()],
                    cancellationToken
                );
                return WorkflowComparison.Of(SketchOf(left), SketchOf(right));

                WorkflowSketch SketchOf(WorkflowDefinition? definition) =>
                    definition is null ? names.Of(draft, resolvesLatest: true) with { Tags = null, Limits = null } : names.Of(definition);
            },
            cancellationToken
        );

    /// <summary>
    /// What differs between two states that need not be saved, in words: what someone else saved, and what is in an editor.
    /// </summary>
    public Task<Result<IReadOnlyList<WorkflowDifference>>> CompareContentAsync(
        Actor actor,
        WorkflowContent from,
        WorkflowContent to,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<WorkflowDifference>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var names = await SketchNames.LoadAsync(db, [from, to], [], cancellationToken);
                return WorkflowDiff.Between(names.Of(from), names.Of(to)).ToList();
            },
            cancellationToken
        );

    /// <summary>
    /// A version as content that could be saved as the draft: with the exact versions of prompts that it ran, and the tags and limits of
    /// the draft, which are not part of a version.
    /// </summary>
    public Task<Result<WorkflowContent>> FindContentAsync(
        Actor actor,
        string workflowId,
        int number,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<WorkflowContent>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                if (
                    await DraftAsync(db, workflowId, cancellationToken) is not { } draft
                    || await FindAsync(db, workflowId, number, cancellationToken) is not { } version
                )
                {
                    return Problem.NotFound(What);
                }

                var names = await SketchNames.LoadAsync(db, [], [version], cancellationToken);
                var own = draft.Steps.Select(step => step.Id).ToHashSet();
                return draft with
                {
                    Name = version.Name,
                    Inputs = version.Inputs,
                    Options = version.Options,

                    // A step that was deleted meanwhile comes back as a new one: its id is free for nobody else, but it is not there to be
                    // updated.
                    Steps = [.. names.StepsOf(version).Select(step => own.Contains(step.Id) ? step : step with { Id = null })],
                };
            },
            cancellationToken
        );

    private static async Task<WorkflowContent?> DraftAsync(
        PromptPilotDbContext db,
        string workflowId,
        CancellationToken cancellationToken
    ) =>
        await db
            .Workflows.AsNoTracking()
            .Include(w => w.Steps.OrderBy(s => s.Order))
            .SingleOrDefaultAsync(w => w.Id == workflowId, cancellationToken)
            is { } workflow
            ? WorkflowChanges.ContentOf(workflow)
            : null;

    private static async Task<WorkflowDefinition?> FindAsync(
        PromptPilotDbContext db,
        string workflowId,
        int? number,
        CancellationToken cancellationToken
    ) =>
        number is null
            ? null
            : await db
                .WorkflowVersions.AsNoTracking()
                .Where(v => v.WorkflowId == workflowId && v.Number == number)
                .Select(v => v.Definition)
                .SingleOrDefaultAsync(cancellationToken);
}
