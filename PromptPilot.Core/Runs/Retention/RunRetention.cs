using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Retention;

/// <summary>
/// Removes the runs and calls that no rule keeps. In small transactions, each of which lets other writers pass first, so
/// that running work is not held up.
/// </summary>
internal sealed class RunRetention(
    IDbContextFactory<PromptPilotDbContext> contexts,
    RunJournal journal,
    RunFeed feed,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILogger<RunRetention> log
) : ICleaning
{
    /// <summary>Number of runs, with their events and logs, deleted in one transaction.</summary>
    public const int Batch = 200;

    Task ICleaning.CleanAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    /// <summary>Removes everything that is overdue.</summary>
    /// <returns>Number of runs removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var runs = 0;
        foreach (var workflow in await WorkflowsAsync(cancellationToken))
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            foreach (var overdue in await OverdueRuns.OfAsync(db, workflow.Id, workflow.Rule, now, cancellationToken))
            {
                runs += await RemoveAsync(db, overdue, cancellationToken);
            }
        }

        var calls = await RemoveCallsAsync(now, cancellationToken);
        if (runs + calls > 0)
        {
            feed.ListChanged.Raise();
            log.LogInformation("Removed {Runs} old runs and {Calls} old calls made outside runs", runs, calls);
        }

        return runs;
    }

    private async Task<List<(string Id, RetentionRule Rule)>> WorkflowsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var workflows = await db
            .Workflows.AsNoTracking()
            .Select(workflow => new { workflow.Id, workflow.Limits })
            .ToListAsync(cancellationToken);
        return workflows.ConvertAll(workflow => (workflow.Id, RetentionRule.Of(workflow.Limits, options.Value)));
    }

    /// <summary>Runs without retries or forks are deleted first; then their parents have none either.</summary>
    private async Task<int> RemoveAsync(PromptPilotDbContext db, IQueryable<WorkflowRun> overdue, CancellationToken cancellationToken)
    {
        var ids = overdue
            .Where(run => !db.WorkflowRuns.Any(child => child.ParentRunId == run.Id))
            .OrderBy(run => run.QueuedAt)
            .Select(run => run.Id)
            .Take(Batch);
        var removed = 0;
        while (await ids.ToListAsync(cancellationToken) is { Count: > 0 } batch)
        {
            var plan = await journal.DeleteAsync(batch, ratedStay: true, cancellationToken);
            removed += plan.Goes.Count;
            if (plan.Goes.Count == 0)
            {
                // All of them were pinned, rated or retried a moment ago; the next sweep removes the rest.
                break;
            }
        }

        return removed;
    }

    private async Task<int> RemoveCallsAsync(DateTime now, CancellationToken cancellationToken)
    {
        if (options.Value.KeepDays == 0)
        {
            return 0;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = OverdueRuns
            .Calls(db, now.AddDays(-options.Value.KeepDays))
            .OrderBy(log => log.Timestamp)
            .Select(log => log.Id)
            .Take(Batch);
        var removed = 0;
        while (await ids.ToListAsync(cancellationToken) is { Count: > 0 } batch)
        {
            var gone = await journal.DeleteCallsAsync(batch, cancellationToken);
            removed += gone;
            if (gone == 0)
            {
                break;
            }
        }

        return removed;
    }
}
