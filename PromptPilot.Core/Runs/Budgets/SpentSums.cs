using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Budgets;

/// <summary>
/// Cost of this month's deleted logs, because deleting runs does not free budget. One row per day, profile and workflow.
/// </summary>
public sealed class DeletedCost
{
    /// <summary>The day of the logs, or the first of the month for those of earlier days.</summary>
    public DateTime Day { get; set; }

    public required string ModelProfileId { get; set; }

    /// <summary>Empty for calls outside a workflow.</summary>
    public required string WorkflowId { get; set; }

    /// <summary>In nano-USD.</summary>
    public long Cost { get; set; }
}

/// <summary>Sums the cost of logs, including deleted ones.</summary>
internal static class SpentSums
{
    /// <summary>Spending of a profile or workflow in the day and in the month, in nano-USD.</summary>
    public static async Task<(long Day, long Month)> ReadAsync(
        PromptPilotDbContext db,
        string id,
        bool isProfile,
        Period period,
        CancellationToken cancellationToken
    )
    {
        var workflows = isProfile ? [] : await WithExperimentsAsync(db, id, cancellationToken);
        var logs = isProfile
            ? db.ExecutionLogs.Where(log => log.ModelProfileId == id)
            : db.ExecutionLogs.Where(log => workflows.Contains(log.WorkflowId!));
        var deleted = isProfile
            ? db.DeletedCosts.Where(cost => cost.ModelProfileId == id)
            : db.DeletedCosts.Where(cost => workflows.Contains(cost.WorkflowId));
        var month =
            await logs.Where(log => log.Timestamp >= period.Month).SumAsync(log => log.Cost, cancellationToken)
            + await deleted.Where(cost => cost.Day >= period.Month).SumAsync(cost => cost.Cost, cancellationToken);
        var day =
            await logs.Where(log => log.Timestamp >= period.Day).SumAsync(log => log.Cost, cancellationToken)
            + await deleted.Where(cost => cost.Day >= period.Day).SumAsync(cost => cost.Cost, cancellationToken);
        return (day, month);
    }

    /// <summary>
    /// Keeps the cost of logs of this month. Call it before deleting them, in the same transaction (which holds the write gate).
    /// </summary>
    /// <param name="doomed">The logs about to be deleted.</param>
    public static async Task KeepAsync(
        PromptPilotDbContext db,
        IQueryable<ExecutionLog> doomed,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var period = Period.Of(now);
        var costs = await doomed
            .Where(log => log.Cost > 0 && log.Timestamp >= period.Month)
            .GroupBy(log => new
            {
                log.ModelProfileId,
                log.WorkflowId,
                IsToday = log.Timestamp >= period.Day,
            })
            .Select(group => new { group.Key, Cost = group.Sum(log => log.Cost) })
            .ToListAsync(cancellationToken);
        if (costs.Count == 0)
        {
            return;
        }

        var ids = costs.ConvertAll(cost => cost.Key.WorkflowId);
        var owners = await db
            .Workflows.IgnoreQueryFilters()
            .Where(workflow => workflow.BudgetOf != null && ids.Contains(workflow.Id))
            .ToDictionaryAsync(workflow => workflow.Id, workflow => workflow.BudgetOf!, cancellationToken);
        await db.DeletedCosts.Where(cost => cost.Day < period.Month).ExecuteDeleteAsync(cancellationToken);
        foreach (var cost in costs)
        {
            var (day, profile, workflow) = (
                cost.Key.IsToday ? period.Day : period.Month,
                cost.Key.ModelProfileId,
                owners.GetValueOrDefault(cost.Key.WorkflowId ?? "", cost.Key.WorkflowId ?? "")
            );
            var row = await db.DeletedCosts.FindAsync([day, profile, workflow], cancellationToken);
            if (row is null)
            {
                db.DeletedCosts.Add(
                    row = new DeletedCost
                    {
                        Day = day,
                        ModelProfileId = profile,
                        WorkflowId = workflow,
                    }
                );
            }

            row.Cost += cost.Cost;
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A workflow, and those in which its experiments run.</summary>
    private static async Task<List<string>> WithExperimentsAsync(
        PromptPilotDbContext db,
        string workflowId,
        CancellationToken cancellationToken
    ) =>
        [
            workflowId,
            .. await db
                .Workflows.IgnoreQueryFilters()
                .Where(workflow => workflow.BudgetOf == workflowId)
                .Select(workflow => workflow.Id)
                .ToListAsync(cancellationToken),
        ];
}
