using System.Buffers.Text;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows;

/// <summary>Reads workflows for lists and pages.</summary>
internal static class WorkflowQueries
{
    /// <summary>A page of the list, the last changed first; each of its two queries uses an index.</summary>
    public static async Task<Result<Page<WorkflowListItem>>> ListAsync(
        PromptPilotDbContext db,
        WorkflowFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var query = Filtered(db, filter);
        if (page.After is { } after)
        {
            if (Parse(after) is not { } cursor)
            {
                return PageRequest.WrongCursor;
            }

            query = query.Where(w => w.UpdatedAt < cursor.At || (w.UpdatedAt == cursor.At && w.Id.CompareTo(cursor.Id) < 0));
        }

        var rows = await query
            .OrderByDescending(w => w.UpdatedAt)
            .ThenByDescending(w => w.Id)
            .Take(page.Take + 1)
            .Select(w => new
            {
                Workflow = new
                {
                    w.Id,
                    w.Name,
                    w.Tags,
                    w.Options,
                    w.Status,
                    w.PublishedVersion,
                    w.HasUnpublishedChanges,
                    w.Owner,
                    w.UpdatedAt,
                },
                OwnerName = db.Users.Where(u => u.Id == w.Owner).Select(u => u.Name).FirstOrDefault(),
                StepCount = w.Steps.Count,
                ManualEnabled = w.Triggers.Any(t => t.Type == TriggerType.Manual && t.Enabled),
                LastRunId = db
                    .WorkflowRuns.Where(r => r.WorkflowId == w.Id && !r.IsDraft)
                    .OrderByDescending(r => r.QueuedAt)
                    .Select(r => r.Id)
                    .FirstOrDefault(),
                Ended = db
                    .WorkflowRuns.Where(r => r.WorkflowId == w.Id && !r.IsDraft)
                    .OrderByDescending(r => r.QueuedAt)
                    .Take(WorkflowListItem.RateOf)
                    .Count(r => r.FinishedAt != null && r.Status != RunStatus.Cancelled),
                Succeeded = db
                    .WorkflowRuns.Where(r => r.WorkflowId == w.Id && !r.IsDraft)
                    .OrderByDescending(r => r.QueuedAt)
                    .Take(WorkflowListItem.RateOf)
                    .Count(r => r.Status == RunStatus.Succeeded),
            })
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        var runIds = rows.Select(r => r.LastRunId).OfType<string>().ToList();
        var runs = await db
            .WorkflowRuns.Where(r => runIds.Contains(r.Id))
            .Select(r => new LastRun(r.Id, r.Status, r.QueuedAt))
            .ToDictionaryAsync(r => r.Id, cancellationToken);
        var items = rows.Take(page.Take)
            .Select(r => new WorkflowListItem(
                r.Workflow.Id,
                r.Workflow.Name,
                r.Workflow.Tags,
                r.Workflow.Status,
                r.Workflow.PublishedVersion,
                r.Workflow.HasUnpublishedChanges,
                r.Workflow.Owner,
                r.OwnerName,
                r.StepCount,
                r.LastRunId is null ? null : runs.GetValueOrDefault(r.LastRunId),
                r.Workflow.Status == WorkflowStatus.Published && r.ManualEnabled,
                r.Workflow.UpdatedAt
            )
            {
                Ended = r.Ended,
                Succeeded = r.Succeeded,
                Description = r.Workflow.Options.Description,
            })
            .ToList();
        return new Page<WorkflowListItem>(items, rows.Count > page.Take ? Cursor(items[^1].UpdatedAt, items[^1].Id) : null);
    }

    public static async Task<WorkflowFacets> FacetsAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var tags = await db.Workflows.Select(w => w.Tags).ToListAsync(cancellationToken);
        var owners = await db
            .Users.Where(u => db.Workflows.Any(w => w.Owner == u.Id))
            .OrderBy(u => u.Name)
            .Select(u => new WorkflowOwner(u.Id, u.Name))
            .ToListAsync(cancellationToken);
        return new WorkflowFacets(
            [.. tags.SelectMany(t => t).Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase)],
            owners
        );
    }

    /// <summary>The workflow, whole, or null.</summary>
    public static async Task<WorkflowView?> FindAsync(PromptPilotDbContext db, string id, CancellationToken cancellationToken)
    {
        var workflow = await db
            .Workflows.AsNoTracking()
            .AsSplitQuery()
            .Include(w => w.Steps.OrderBy(s => s.Order))
            .Include(w => w.Triggers.OrderBy(t => t.CreatedAt))
            .SingleOrDefaultAsync(w => w.Id == id, cancellationToken);
        if (workflow is null)
        {
            return null;
        }

        var promptIds = workflow.Steps.Select(s => s.PromptId).ToList();
        var modelIds = workflow.Steps.Select(s => s.Model).ToList();
        var prompts = await db.Prompts.Where(p => promptIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        var models = await db
            .ModelProfiles.Where(m => modelIds.Contains(m.Id))
            .ToDictionaryAsync(m => m.Id, m => m.Name, cancellationToken);
        var people = await db
            .Users.Where(u => u.Id == workflow.Owner || u.Id == workflow.UpdatedBy)
            .ToDictionaryAsync(u => u.Id, u => u.Name, cancellationToken);
        var published = await db
            .WorkflowVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == workflow.PublishedVersionId, cancellationToken);
        var nodes = StepGraph.Of(
            workflow.Steps.Select(s => (s.Id, s.OutputKey, (IReadOnlyDictionary<string, string>)s.InputMapping, s.Options))
        );
        var steps = workflow.Steps.Zip(
            nodes,
            (s, node) =>
                new StepView(
                    s.Id,
                    s.PromptId,
                    prompts[s.PromptId],
                    s.PromptVersion,
                    s.PromptLabel,
                    s.Model,
                    models[s.Model],
                    s.InputMapping,
                    s.OutputKey,
                    s.Order,
                    node.Reads,
                    node.Level
                )
                {
                    Options = s.Options,
                }
        );
        return new WorkflowView(
            workflow.Id,
            workflow.Name,
            workflow.Tags,
            workflow.Inputs,
            [.. steps],
            workflow.Triggers,
            workflow.Owner,
            people.GetValueOrDefault(workflow.Owner ?? ""),
            workflow.Status,
            published is null ? null : new PublishedView(published.Number, published.Id, published.Definition, published.CreatedAt),
            workflow.HasUnpublishedChanges,
            workflow.CreatedAt,
            workflow.UpdatedAt,
            workflow.Revision
        )
        {
            Options = workflow.Options,
            Limits = workflow.Limits,
            UpdatedBy = workflow.UpdatedBy,
            UpdatedByName = people.GetValueOrDefault(workflow.UpdatedBy ?? ""),
        };
    }

    private static IQueryable<Workflow> Filtered(PromptPilotDbContext db, WorkflowFilter filter)
    {
        IQueryable<Workflow> query = db.Workflows;
        if (filter.Status is { } status)
        {
            query = query.Where(w => w.Status == status);
        }

        if (!string.IsNullOrWhiteSpace(filter.Tag))
        {
            query = query.Where(w => w.Tags.Contains(filter.Tag));
        }

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = LikePattern.Containing(filter.Search.Trim());
            query = query.Where(w => SqlText.Matches(w.Name, pattern) || w.Tags.Any(t => SqlText.Matches(t, pattern)));
        }

        if (!string.IsNullOrEmpty(filter.Owner))
        {
            query = query.Where(w => w.Owner == filter.Owner);
        }

        return query;
    }

    private static string Cursor(DateTime updatedAt, string id) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new TimeCursor(updatedAt, id).ToString('|')));

    private static TimeCursor? Parse(string cursor) =>
        Base64Url.IsValid(cursor) ? TimeCursor.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)), '|') : null;
}
