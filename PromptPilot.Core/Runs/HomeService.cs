using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The figures of one person's runs over some days.</summary>
/// <param name="Runs">Started in that time; test runs of drafts are included only in the cost.</param>
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

    /// <summary>The actor's runs of one workflow in the last 30 days, and those of the last 7 among them.</summary>
    private sealed record Own(string WorkflowId, Counts InMonth, Counts InWeek);

    private sealed record Counts(int Runs, int Ended, int Succeeded, long Cost);

    /// <summary>Figures and workflows. A month of a busy person has many thousands of runs, so they are read once for all of it.</summary>
    /// <param name="most">Number of workflows.</param>
    public Task<Result<HomeOverview>> FindAsync(Actor actor, int most, CancellationToken cancellationToken) =>
        operations.ReadAsync<HomeOverview>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var userId = principal.UserId;
                var own = await OwnAsync(db, userId, cancellationToken);
                return new HomeOverview(
                    [
                        await FiguresAsync(db, userId, Week, own.ConvertAll(one => one.InWeek), cancellationToken),
                        await FiguresAsync(db, userId, Month, own.ConvertAll(one => one.InMonth), cancellationToken),
                    ],
                    await WorkflowsAsync(db, own, most, cancellationToken)
                );
            },
            cancellationToken
        );

    private DateTime Ago(int days) => time.GetUtcNow().UtcDateTime.AddDays(-days);

    private async Task<List<Own>> OwnAsync(PromptPilotDbContext db, string? userId, CancellationToken cancellationToken)
    {
        var (month, week) = (Ago(Month), Ago(Week));
        return await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.StartedBy == userId && run.QueuedAt >= month)
            .GroupBy(run => run.WorkflowId)
            .Select(runs => new Own(
                runs.Key,
                // Test runs of drafts cost money too.
                new Counts(
                    runs.Count(run => !run.IsDraft),
                    runs.Count(run => !run.IsDraft && run.FinishedAt != null && run.Status != RunStatus.Cancelled),
                    runs.Count(run => !run.IsDraft && run.Status == RunStatus.Succeeded),
                    runs.Sum(run => run.Cost)
                ),
                new Counts(
                    runs.Count(run => run.QueuedAt >= week && !run.IsDraft),
                    runs.Count(run => run.QueuedAt >= week && !run.IsDraft && run.FinishedAt != null && run.Status != RunStatus.Cancelled),
                    runs.Count(run => run.QueuedAt >= week && !run.IsDraft && run.Status == RunStatus.Succeeded),
                    runs.Sum(run => run.QueuedAt >= week ? run.Cost : 0)
                )
            ))
            .ToListAsync(cancellationToken);
    }

    private async Task<RunFigures> FiguresAsync(
        PromptPilotDbContext db,
        string? userId,
        int days,
        List<Counts> counts,
        CancellationToken cancellationToken
    )
    {
        var since = Ago(days);
        var own = db.WorkflowRuns.Where(run => run.StartedBy == userId && run.QueuedAt >= since && !run.IsDraft);
        // From the ratings to the runs: a run is rated after it was started, and few are. The other way round reads every log of each run.
        var ratings = await db
            .Feedback.Where(feedback =>
                feedback.CreatedAt >= since
                && db.ExecutionLogs.Any(log => log.Id == feedback.ExecutionId && own.Any(run => run.Id == log.RunId))
            )
            .GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Average = all.Average(feedback => (double)feedback.Rating) })
            .SingleOrDefaultAsync(cancellationToken);
        return new RunFigures(
            days,
            counts.Sum(one => one.Runs),
            counts.Sum(one => one.Ended),
            counts.Sum(one => one.Succeeded),
            counts.Sum(one => one.Cost),
            ratings?.Count ?? 0,
            ratings?.Average
        );
    }

    private static async Task<IReadOnlyList<HomeWorkflow>> WorkflowsAsync(
        PromptPilotDbContext db,
        List<Own> own,
        int most,
        CancellationToken cancellationToken
    )
    {
        var runs = own.Where(one => one.InMonth.Runs > 0).ToDictionary(one => one.WorkflowId, one => one.InMonth.Runs);
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
