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
            .Where(run =>
                EF.Functions.Like(run.WorkflowName, pattern, LikePattern.Escape)
                || EF.Functions.Like((string)(object)run.Inputs, inJson, LikePattern.Escape)
            );
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
