using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The figures of one person's runs over some days.</summary>
/// <param name="Runs">Started in that time; test runs of drafts are included only in the cost.</param>
/// <param name="Ended">The number of these that have ended.</param>
/// <param name="Succeeded">The number of these that succeeded.</param>
/// <param name="Cost">Cost in nano-USD.</param>
/// <param name="Ratings">Number of ratings of these runs' outputs.</param>
/// <param name="AverageRating">1 to 5; null without ratings.</param>
public sealed record RunFigures(int Days, int Runs, int Ended, int Succeeded, long Cost, int Ratings, double? AverageRating);

/// <summary>A workflow that can be run.</summary>
/// <param name="OwnRuns">Number of times the actor started it in the last 30 days.</param>
public sealed record HomeWorkflow(string Id, string Name, int StepCount, int OwnRuns);

/// <summary>The actor's own runs and workflows, for the start page.</summary>
public sealed class HomeService(Operations operations, TimeProvider time)
{
    /// <summary>The figures of the actor's own runs over the last 7 and 30 days.</summary>
    public Task<Result<IReadOnlyList<RunFigures>>> FindFiguresAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<RunFigures>>(
            actor,
            Permission.Read,
            async (db, principal) =>
                new List<RunFigures>
                {
                    await CountAsync(db, principal.UserId, 7, cancellationToken),
                    await CountAsync(db, principal.UserId, 30, cancellationToken),
                },
            cancellationToken
        );

    /// <summary>Workflows that the actor can run: most run in the last 30 days first, then most recently changed.</summary>
    public Task<Result<IReadOnlyList<HomeWorkflow>>> ListWorkflowsAsync(Actor actor, int most, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<HomeWorkflow>>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var (userId, since) = (principal.UserId, time.GetUtcNow().UtcDateTime.AddDays(-30));
                // Counted once for all workflows: the actor's runs of a month may be many thousands.
                var used =
                    from run in db.WorkflowRuns
                    where run.StartedBy == userId && run.QueuedAt >= since && !run.IsDraft
                    group run by run.WorkflowId into own
                    select new { WorkflowId = own.Key, Count = own.Count() };
                return await (
                    from workflow in db.Workflows.AsNoTracking()
                    where
                        workflow.Status == WorkflowStatus.Published
                        && workflow.Triggers.Any(trigger => trigger.Type == TriggerType.Manual && trigger.Enabled)
                    join own in used on workflow.Id equals own.WorkflowId into counts
                    from own in counts.DefaultIfEmpty()
                    orderby (int?)own.Count ?? 0 descending, workflow.UpdatedAt descending
                    select new HomeWorkflow(workflow.Id, workflow.Name, workflow.Steps.Count, (int?)own.Count ?? 0)
                )
                    .Take(most)
                    .ToListAsync(cancellationToken);
            },
            cancellationToken
        );

    private async Task<RunFigures> CountAsync(PromptPilotDbContext db, string? userId, int days, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow().UtcDateTime.AddDays(-days);
        var own = db.WorkflowRuns.AsNoTracking().Where(run => run.StartedBy == userId && run.QueuedAt >= since);
        var counts = await own.GroupBy(_ => 1)
            .Select(runs => new
            {
                Runs = runs.Count(run => !run.IsDraft),
                Ended = runs.Count(run => run.FinishedAt != null && !run.IsDraft),
                Succeeded = runs.Count(run => run.Status == RunStatus.Succeeded && !run.IsDraft),

                // Test runs of drafts cost money too.
                Cost = runs.Sum(run => run.Cost),
            })
            .SingleOrDefaultAsync(cancellationToken);
        // From the ratings to the runs: a run is rated after it was started, and few are. The other way round reads every log of each run.
        var ratings = await db
            .Feedback.Where(feedback =>
                feedback.CreatedAt >= since
                && db.ExecutionLogs.Any(log => log.Id == feedback.ExecutionId && own.Any(run => run.Id == log.RunId && !run.IsDraft))
            )
            .GroupBy(_ => 1)
            .Select(all => new { Count = all.Count(), Average = all.Average(feedback => (double)feedback.Rating) })
            .SingleOrDefaultAsync(cancellationToken);
        return new RunFigures(
            days,
            counts?.Runs ?? 0,
            counts?.Ended ?? 0,
            counts?.Succeeded ?? 0,
            counts?.Cost ?? 0,
            ratings?.Count ?? 0,
            ratings?.Average
        );
    }
}
