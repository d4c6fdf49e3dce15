using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Reads a run back from its events.</summary>
public sealed class RunLoader(IDbContextFactory<PromptPilotDbContext> contexts, RunPlans plans, TimeProvider time, ILogger<RunLoader> log)
{
    /// <summary>The fold of a run, or null when it is not there.</summary>
    internal async Task<RunView?> FindAsync(string runId, CancellationToken cancellationToken) =>
        (await LoadAsync(runId, cancellationToken, evenUnplanned: true))?.View;

    /// <summary>A run, to be executed on or ended.</summary>
    /// <param name="evenUnplanned">A run whose versions are gone comes without its steps, to be shown or ended; otherwise it is an
    /// error.</param>
    /// <exception cref="RunPlanException">Something the run needs is gone.</exception>
    internal async Task<RunStory?> LoadAsync(string runId, CancellationToken cancellationToken, bool evenUnplanned = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.Id == runId)
            .Select(run => new
            {
                Run = run,
                StartedByName = db.Users.Where(user => user.Id == run.StartedBy).Select(user => user.Name).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }

        var events = await db
            .RunEvents.AsNoTracking()
            .Where(entry => entry.RunId == runId)
            .OrderBy(entry => entry.Seq)
            .ToListAsync(cancellationToken);

        // Logs after events: each event's log was committed with it, so no event is read whose log is missing, however busy the run is
        // meanwhile.
        var logs = await db
            .ExecutionLogs.AsNoTracking()
            .Where(entry => entry.RunId == runId)
            .ToDictionaryAsync(entry => entry.Id, cancellationToken);
        var reused = events
            .Where(entry => entry.Type == RunEventType.Reused)
            .Select(entry => entry.Payload?.LogId)
            .OfType<string>()
            .ToList();
        if (reused.Count > 0)
        {
            foreach (
                var entry in await db.ExecutionLogs.AsNoTracking().Where(entry => reused.Contains(entry.Id)).ToListAsync(cancellationToken)
            )
            {
                logs[entry.Id] = entry;
            }
        }

        var plan = await PlanAsync(found.Run, evenUnplanned, cancellationToken);
        var view = RunReducer.Begin(found.Run, plan, found.StartedByName);
        foreach (var runEvent in events)
        {
            view = RunReducer.Apply(view, runEvent, runEvent.Payload?.LogId is { } logId ? logs.GetValueOrDefault(logId) : null);
        }

        return new RunStory(found.Run, plan, view, isNew: false, time);
    }

    private async Task<RunPlan> PlanAsync(WorkflowRun run, bool evenUnplanned, CancellationToken cancellationToken)
    {
        try
        {
            return await plans.ForAsync(run, cancellationToken);
        }
        catch (RunPlanException exception) when (evenUnplanned)
        {
            log.LogError(exception, "Run {Run} cannot be planned", run.Id);
            return new RunPlan([], new WorkflowOptions());
        }
    }
}
