using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

/// <summary>The figures of one person's runs over some days.</summary>
/// <param name="Runs">Started in that time; test runs of drafts are included only in the cost.</param>
/// <param name="Ended">Of these, those that have ended.</param>
/// <param name="Succeeded">Of these, those that succeeded.</param>
/// <param name="Cost">In nano-USD.</param>
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
                return await db
                    .Workflows.AsNoTracking()
                    .Where(w => w.Status == WorkflowStatus.Published && w.Triggers.Any(t => t.Type == TriggerType.Manual && t.Enabled))
                    .Select(w => new
                    {
                        Workflow = new
                        {
                            w.Id,
                            w.Name,
                            Steps = w.Steps.Count,
                            w.UpdatedAt,
                        },
                        OwnRuns = db.WorkflowRuns.Count(r =>
                            r.StartedBy == userId && r.QueuedAt >= since && r.WorkflowId == w.Id && !r.IsDraft
                        ),
                    })
                    .OrderByDescending(row => row.OwnRuns)
                    .ThenByDescending(row => row.Workflow.UpdatedAt)
                    .Take(most)
                    .Select(row => new HomeWorkflow(row.Workflow.Id, row.Workflow.Name, row.Workflow.Steps, row.OwnRuns))
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
        var ratings = await (
            from run in own
            where !run.IsDraft
            join log in db.ExecutionLogs on run.Id equals log.RunId
            join feedback in db.Feedback on log.Id equals feedback.ExecutionId
            group feedback by 1 into all
            select new { Count = all.Count(), Average = all.Average(feedback => (double)feedback.Rating) }
        ).SingleOrDefaultAsync(cancellationToken);
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
