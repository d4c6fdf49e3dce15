using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Lists;

/// <summary>The runs that a filter lets through.</summary>
internal static class RunQuery
{
    /// <summary>A text is looked for in so many of the newest runs that pass the rest of the filter: each of them has to be read.</summary>
    public const int Searched = 20_000;

    /// <summary>A page of the runs that a filter lets through, newest first.</summary>
    public static async Task<Result<Page<RunListItem>>> ListAsync(
        PromptPilotDbContext db,
        RunFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var query = await FindAsync(db, filter, cancellationToken);
        if (page.After is { } after)
        {
            if (TimeCursor.Parse(after, '.') is not { } cursor)
            {
                return PageRequest.WrongCursor;
            }

            query = query.Where(run => run.QueuedAt <= cursor.At && (run.QueuedAt < cursor.At || string.Compare(run.Id, cursor.Id) < 0));
        }

        var items = await query
            .OrderByDescending(run => run.QueuedAt)
            .ThenByDescending(run => run.Id)
            .Take(page.Take + 1)
            .Select(run => new RunListItem(
                run.Id,
                run.WorkflowId,
                run.WorkflowName,
                run.WorkflowVersion,
                run.Status,
                run.TriggerKind,
                run.StartedBy,
                db.Users.Where(user => user.Id == run.StartedBy).Select(user => user.Name).FirstOrDefault(),
                run.QueuedAt,
                run.StartedAt,
                run.FinishedAt,
                run.DurationMs,
                run.InputTokens,
                run.OutputTokens,
                run.Cost,
                run.ErrorCode,
                run.ErrorMessage,
                run.Pinned,
                run.IsDraft,
                run.OnlyStep
            ))
            .ToListAsync(cancellationToken);
        return Page.Of(items, page, last => new TimeCursor(last.QueuedAt, last.Id).ToString('.'));
    }

    public static async Task<IQueryable<WorkflowRun>> FindAsync(
        PromptPilotDbContext db,
        RunFilter filter,
        CancellationToken cancellationToken
    )
    {
        var runs = Filtered(db.WorkflowRuns.AsNoTracking(), filter);
        if (filter.Text is not { Length: > 0 } text)
        {
            return runs;
        }

        var one = runs.Where(run => run.Id == text);
        if (Guid.TryParse(text, out _) && await one.AnyAsync(cancellationToken))
        {
            return one;
        }

        var pattern = LikePattern.Containing(text);
        var inJson = LikePattern.ContainingInJson(text);
        return runs.OrderByDescending(run => run.QueuedAt)
            .Take(Searched)
            .Where(run => SqlText.Matches(run.WorkflowName, pattern) || SqlText.Matches((string)(object)run.Inputs, inJson));
    }

    private static IQueryable<WorkflowRun> Filtered(IQueryable<WorkflowRun> runs, RunFilter filter)
    {
        runs = runs.Where(run => run.Priority != RunPriority.Experiment);
        if (filter.WorkflowId is { } workflowId)
        {
            runs = runs.Where(run => run.WorkflowId == workflowId);
        }

        if (filter.Status is { } status)
        {
            runs = runs.Where(run => run.Status == status);
        }

        // Conditions on trigger, pin and draft are in the words of the partial indexes on them.
        if (filter.Trigger is { } trigger)
        {
            runs =
                trigger == TriggerType.Manual
                    ? runs.Where(run => run.TriggerKind == TriggerType.Manual)
                    : runs.Where(run => run.TriggerKind != TriggerType.Manual && run.TriggerKind == trigger);
        }

        if (filter.StartedBy is { } startedBy)
        {
            runs = runs.Where(run => run.StartedBy == startedBy);
        }

        if (filter.From is { } from)
        {
            runs = runs.Where(run => run.QueuedAt >= from);
        }

        if (filter.To is { } to)
        {
            runs = runs.Where(run => run.QueuedAt < to);
        }

        if (filter.ParentRunId is { } parent)
        {
            runs = runs.Where(run => run.ParentRunId == parent);
        }

        if (filter.Pinned is { } pinned)
        {
            runs = pinned ? runs.Where(run => run.Pinned) : runs.Where(run => !run.Pinned);
        }

        if (filter.IsDraft is { } isDraft)
        {
            runs = isDraft ? runs.Where(run => run.IsDraft) : runs.Where(run => !run.IsDraft);
        }

        return runs;
    }
}
