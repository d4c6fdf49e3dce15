using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Pages of schedules in each order.</summary>
internal static class ScheduleOrder
{
    private const char ByNext = '@';
    private const char ByWorkflow = '|';
    private static readonly DateTime Never = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    /// <summary>The rows after a place, in order; null when the place is none of this order.</summary>
    public static IQueryable<Trigger>? After(IQueryable<Trigger> rows, PromptPilotDbContext db, ScheduleSort sort, string? after) =>
        sort switch
        {
            ScheduleSort.Next => Next(rows, after),
            ScheduleSort.Workflow => Workflow(rows, db, after),
            // Ids are made of time, which is order enough for a list of everything.
            ScheduleSort.Oldest => (after is null ? rows : rows.Where(trigger => string.Compare(trigger.Id, after) > 0)).OrderBy(trigger =>
                trigger.Id
            ),
        };

    /// <summary>The place after the last row of a page.</summary>
    public static string CursorOf(ScheduleSort sort, Trigger last, string workflowName) =>
        sort switch
        {
            ScheduleSort.Next => new TimeCursor(last.NextAt ?? Never, last.Id).ToString(ByNext),
            ScheduleSort.Workflow => new NameCursor(workflowName, last.Id).ToString(ByWorkflow),
            ScheduleSort.Oldest => last.Id,
        };

    /// <summary>Schedules without a next firing come last.</summary>
    private static IQueryable<Trigger>? Next(IQueryable<Trigger> rows, string? after)
    {
        if (after is not null)
        {
            if (TimeCursor.Parse(after, ByNext) is not { } cursor)
            {
                return null;
            }

            rows =
                cursor.At == Never
                    ? rows.Where(trigger => trigger.NextAt == null && string.Compare(trigger.Id, cursor.Id) > 0)
                    : rows.Where(trigger =>
                        trigger.NextAt == null
                        || trigger.NextAt > cursor.At
                        || (trigger.NextAt == cursor.At && string.Compare(trigger.Id, cursor.Id) > 0)
                    );
        }

        return rows.OrderBy(trigger => trigger.NextAt == null).ThenBy(trigger => trigger.NextAt).ThenBy(trigger => trigger.Id);
    }

    private static IQueryable<Trigger>? Workflow(IQueryable<Trigger> rows, PromptPilotDbContext db, string? after)
    {
        var named = rows.Join(
            db.Workflows,
            trigger => trigger.WorkflowId,
            workflow => workflow.Id,
            (trigger, workflow) => new { trigger, workflow.Name }
        );
        if (after is not null)
        {
            if (NameCursor.Parse(after, ByWorkflow) is not { } cursor)
            {
                return null;
            }

            named = named.Where(row =>
                string.Compare(row.Name, cursor.Name) > 0 || (row.Name == cursor.Name && string.Compare(row.trigger.Id, cursor.Id) > 0)
            );
        }

        return named.OrderBy(row => row.Name).ThenBy(row => row.trigger.Id).Select(row => row.trigger);
    }
}
