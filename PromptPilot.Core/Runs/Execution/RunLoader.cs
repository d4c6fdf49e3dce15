using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Loads a run from its events.</summary>
public sealed class RunLoader(IDbContextFactory<PromptPilotDbContext> contexts, RunPlans plans, TimeProvider time, ILogger<RunLoader> log)
{
    /// <summary>The fold of a run, or null if it does not exist.</summary>
    internal async Task<RunState?> FindAsync(string runId, CancellationToken cancellationToken) =>
        (await LoadAsync(runId, cancellationToken, evenUnplanned: true))?.State;

    /// <summary>A run, to be continued or ended.</summary>
    /// <param name="evenUnplanned">True: a run whose versions are gone or whose events cannot be read is returned without its steps, to be
    /// shown or ended. False: it throws.</param>
    /// <exception cref="RunPlanException">Something the run needs is gone, or cannot be read.</exception>
    internal async Task<RunProgress?> LoadAsync(string runId, CancellationToken cancellationToken, bool evenUnplanned = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await RowAsync(db, runId, cancellationToken) is not { } row)
        {
            return null;
        }

        var plan = await PlanAsync(row.Run, evenUnplanned, cancellationToken);
        try
        {
            return await FoldAsync(db, row, plan, cancellationToken);
        }
        catch (RunUnreadableException exception) when (evenUnplanned)
        {
            log.LogError(exception, "Run {Run} cannot be read", runId);
            return await WithoutEventsAsync(db, row, cancellationToken);
        }
    }

    /// <summary>A run from its row alone, without steps: enough to end it.</summary>
    internal async Task<RunProgress?> LoadRowAsync(string runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await RowAsync(db, runId, cancellationToken) is { } row ? await WithoutEventsAsync(db, row, cancellationToken) : null;
    }

    private sealed record Row(WorkflowRun Run, string? StartedByName);

    private static Task<Row?> RowAsync(PromptPilotDbContext db, string runId, CancellationToken cancellationToken) =>
        db
            .WorkflowRuns.AsNoTracking()
            .Where(run => run.Id == runId)
            .Select(run => new Row(run, db.Users.Where(user => user.Id == run.StartedBy).Select(user => user.Name).FirstOrDefault()))
            .SingleOrDefaultAsync(cancellationToken);

    private async Task<RunProgress> FoldAsync(PromptPilotDbContext db, Row row, RunPlan plan, CancellationToken cancellationToken)
    {
        if (row.Run.Inputs is UnreadableValues)
        {
            throw new RunUnreadableException("Its stored inputs are not valid JSON.");
        }

        try
        {
            var rows = await db
                .RunEvents.AsNoTracking()
                .Where(entry => entry.RunId == row.Run.Id)
                .OrderBy(entry => entry.Seq)
                .ToListAsync(cancellationToken);
            var events = EventRows.Unpack(rows).ToList();
            if (events.Find(entry => entry.Payload is { IsUnreadable: true }) is { } damaged)
            {
                throw new RunUnreadableException($"Its stored event {damaged.Seq} is not valid JSON.");
            }

            var logs = await LogsAsync(db, row.Run.Id, events, cancellationToken);
            var state = RunReducer.Begin(row.Run, plan, row.StartedByName);
            foreach (var runEvent in events)
            {
                state = RunReducer.Apply(state, runEvent, runEvent.Payload?.LogId is { } logId ? logs.GetValueOrDefault(logId) : null);
            }

            return new RunProgress(row.Run, plan, state, isNew: false, time);
        }
        catch (Exception exception)
            when (exception is not (OperationCanceledException or RunUnreadableException) && !DatabaseFault.CanPass(exception))
        {
            // Missing events or logs make the fold fail in various ways.
            throw new RunUnreadableException($"Its stored data is inconsistent: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Read after the events: each event's log was committed with it, so no event is read whose log is missing, however busy the run is
    /// meanwhile.
    /// </summary>
    private static async Task<Dictionary<string, ExecutionLog>> LogsAsync(
        PromptPilotDbContext db,
        string runId,
        List<RunEvent> events,
        CancellationToken cancellationToken
    )
    {
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

        return logs;
    }

    private async Task<RunProgress> WithoutEventsAsync(PromptPilotDbContext db, Row row, CancellationToken cancellationToken)
    {
        var last = await db
            .RunEvents.AsNoTracking()
            .Where(entry => entry.RunId == row.Run.Id)
            .OrderByDescending(entry => entry.Seq)
            .FirstOrDefaultAsync(cancellationToken);
        var plan = new RunPlan([], new WorkflowOptions());
        var state = RunReducer.OfRow(row.Run, plan, row.StartedByName);
        var lastSeq = last is null ? 0 : last.Seq + (last.Following?.Count ?? 0);
        return new RunProgress(row.Run, plan, state with { LastSeq = Math.Max(state.LastSeq, lastSeq) }, isNew: false, time);
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
