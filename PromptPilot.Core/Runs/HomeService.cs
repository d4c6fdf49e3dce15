using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The figures of one person's runs over some days.</summary>
/// <param name="Days">Whole days (UTC) before today, which is included too.</param>
/// <param name="Runs">Started in that time, without experiments; test runs of drafts are included only in the cost.</param>
/// <param name="Ended">The number of these that have ended, without cancelled ones: the base of the success rate.</param>
/// <param name="Succeeded">The number of these that succeeded.</param>
/// <param name="Cost">Cost in nano-USD.</param>
/// <param name="Ratings">Number of ratings of these runs' outputs.</param>
/// <param name="AverageRating">1 to 5; null without ratings.</param>
public sealed record RunFigures(int Days, int Runs, int Ended, int Succeeded, long Cost, int Ratings, double? AverageRating);

/// <summary>A workflow that can be run.</summary>
/// <param name="OwnRuns">Number of times the actor started it in the last 30 days.</param>
public sealed record HomeWorkflow(string Id, string Name, int StepCount, int OwnRuns);

/// <summary>What the start page shows of the actor.</summary>
/// <param name="Figures">Of the actor's own runs over the last 7 and 30 days.</param>
/// <param name="Workflows">Workflows that the actor can run: most run in the last 30 days first, then most recently changed.</param>
public sealed record HomeOverview(IReadOnlyList<RunFigures> Figures, IReadOnlyList<HomeWorkflow> Workflows);

/// <summary>The actor's own runs and workflows, for the start page.</summary>
public sealed class HomeService(Operations operations, TimeProvider time)
{
    private const int Week = 7;
    private const int Month = 30;

    /// <summary>Figures and workflows.</summary>
    /// <param name="most">Number of workflows.</param>
    public Task<Result<HomeOverview>> FindAsync(Actor actor, int most, CancellationToken cancellationToken) =>
        operations.ReadAsync<HomeOverview>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var userId = principal.UserId;
                var own = userId is null ? [] : await PersonalRuns.ReadAsync(db, userId, Since(Month), cancellationToken);
                return new HomeOverview(
                    [
                        await FiguresAsync(db, userId, Week, own, cancellationToken),
                        await FiguresAsync(db, userId, Month, own, cancellationToken),
                    ],
                    await WorkflowsAsync(db, own, most, cancellationToken)
                );
            },
            cancellationToken
        );

    /// <summary>Whole days, as in Insights: the sums are by day.</summary>
    private DateTime Since(int days) => time.GetUtcNow().UtcDateTime.AddDays(-days).Date;

    private async Task<RunFigures> FiguresAsync(
        PromptPilotDbContext db,
        string? userId,
        int days,
        List<PersonalSum> own,
        CancellationToken cancellationToken
    )
    {
        var since = Since(days);
        var rated = db.WorkflowRuns.Where(run => run.StartedBy == userId && run.QueuedAt >= since && !run.IsDraft);
        // From the ratings to the runs: a run is rated after it was started, and few are. The other way round reads every log of each run.
        var ratings = await db
            .Feedback.Where(feedback =>
                feedback.CreatedAt >= since
                && db.ExecutionLogs.Any(log => log.Id == feedback.ExecutionId && rated.Any(run => run.Id == log.RunId))
            )
            .GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Average = all.Average(feedback => (double)feedback.Rating) })
            .SingleOrDefaultAsync(cancellationToken);
        var all = own.Where(sum => sum.Day >= since).ToList();
        var runs = all.Where(sum => !sum.IsDraft).ToList();
        return new RunFigures(
            days,
            (int)runs.Sum(sum => sum.Runs),
            (int)runs.Where(sum => sum.Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.TimedOut).Sum(sum => sum.Runs),
            (int)runs.Where(sum => sum.Status == RunStatus.Succeeded).Sum(sum => sum.Runs),
            all.Sum(sum => sum.Cost),
            ratings?.Count ?? 0,
            ratings?.Average
        );
    }

    private static async Task<IReadOnlyList<HomeWorkflow>> WorkflowsAsync(
        PromptPilotDbContext db,
        List<PersonalSum> own,
        int most,
        CancellationToken cancellationToken
    )
    {
        var runs = own.Where(sum => !sum.IsDraft)
            .GroupBy(sum => sum.WorkflowId)
            .ToDictionary(sums => sums.Key, sums => (int)sums.Sum(sum => sum.Runs));
        var known = runs.Keys.ToList();
        var runnable = db
            .Workflows.AsNoTracking()
            .Where(workflow =>
                workflow.Status == WorkflowStatus.Published
                && workflow.Triggers.Any(trigger => trigger.Type == TriggerType.Manual && trigger.Enabled)
            )
            .OrderByDescending(workflow => workflow.UpdatedAt);
        var used = await Shown(runnable.Where(workflow => known.Contains(workflow.Id))).ToListAsync(cancellationToken);
        var others = await Shown(runnable.Where(workflow => !known.Contains(workflow.Id))).Take(most).ToListAsync(cancellationToken);

        // The sort keeps those with as many runs in the order in which they were changed.
        return
        [
            .. used.Select(workflow => workflow with { OwnRuns = runs[workflow.Id] })
                .OrderByDescending(workflow => workflow.OwnRuns)
                .Concat(others)
                .Take(most),
        ];
    }

    private static IQueryable<HomeWorkflow> Shown(IQueryable<Workflow> workflows) =>
        workflows.Select(workflow => new HomeWorkflow(workflow.Id, workflow.Name, workflow.Steps.Count, 0));
}
