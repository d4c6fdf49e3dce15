using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>Shows schedules and the outcomes of their firings, and runs them manually.</summary>
public sealed class ScheduleService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    ScheduleHealth health,
    ScheduleRunner runner,
    TimeProvider time
)
{
    /// <summary>The number of times in a preview.</summary>
    public const int Previewed = 5;

    private static readonly TimeSpan Counted = TimeSpan.FromDays(7);

    /// <summary>A page of schedules.</summary>
    public Task<Result<Page<ScheduleRow>>> ListAsync(
        Actor actor,
        ScheduleFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<ScheduleRow>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var query = db.Triggers.AsNoTracking().Where(trigger => trigger.Type == TriggerType.Scheduled);
                query = filter.WorkflowId is { } workflowId ? query.Where(trigger => trigger.WorkflowId == workflowId) : query;
                query = filter.TriggerId is { } triggerId ? query.Where(trigger => trigger.Id == triggerId) : query;
                query = filter.Enabled is { } enabled ? query.Where(trigger => trigger.Enabled == enabled) : query;
                if (filter.Text?.Trim() is { Length: > 0 } text)
                {
                    var pattern = LikePattern.Containing(text);
                    query = query.Where(trigger =>
                        db.Workflows.Any(workflow => workflow.Id == trigger.WorkflowId && SqlText.Matches(workflow.Name, pattern))
                    );
                }

                if (ScheduleOrder.After(query, db, filter.Sort, page.After) is not { } ordered)
                {
                    return PageRequest.WrongCursor;
                }

                var found = await ordered.Take(page.Take + 1).ToListAsync(cancellationToken);
                var shown = found.Take(page.Take).ToList();
                var rows = await RowsAsync(db, shown, cancellationToken);
                return new Page<ScheduleRow>(
                    rows,
                    found.Count > page.Take
                        ? ScheduleOrder.CursorOf(
                            filter.Sort,
                            shown[^1],
                            rows.Find(row => row.Trigger.Id == shown[^1].Id)?.WorkflowName ?? ""
                        )
                        : null
                );
            },
            cancellationToken
        );

    /// <summary>The enabled schedules that cannot work: all for an admin, otherwise those of the actor's own workflows.</summary>
    public Task<Result<IReadOnlyList<ScheduleRow>>> ListBrokenAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<ScheduleRow>>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var all = principal.Role == Role.Admin;
                var broken = (await health.FindAllBrokenAsync(db, cancellationToken)).ToList();
                var triggers = await db
                    .Triggers.AsNoTracking()
                    .Where(trigger =>
                        broken.Contains(trigger.Id)
                        && trigger.Enabled
                        && (all || db.Workflows.Any(workflow => workflow.Id == trigger.WorkflowId && workflow.Owner == principal.UserId))
                    )
                    .OrderBy(trigger => trigger.Id)
                    .Take(PageRequest.MaxLimit)
                    .ToListAsync(cancellationToken);
                var rows = await RowsAsync(db, triggers, cancellationToken);
                return rows.FindAll(row => row.Broken is not null);
            },
            cancellationToken
        );

    /// <summary>Firings with their outcome, newest first.</summary>
    public Task<Result<IReadOnlyList<FiringRow>>> ListFiringsAsync(
        Actor actor,
        FiringFilter filter,
        int limit,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<FiringRow>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var query = db.TriggerFirings.AsNoTracking();
                query = filter.TriggerId is { } trigger ? query.Where(firing => firing.TriggerId == trigger) : query;
                query = filter.WorkflowId is { } workflow ? query.Where(firing => firing.WorkflowId == workflow) : query;
                query = filter.Outcome is { } outcome ? query.Where(firing => firing.Outcome == outcome) : query;
                var rows = await Firings(
                        db,
                        query.OrderByDescending(firing => firing.DueAt).Take(Math.Clamp(limit, 1, PageRequest.MaxLimit))
                    )
                    .ToListAsync(cancellationToken);
                return rows;
            },
            cancellationToken
        );

    /// <summary>
    /// The next moments at which a schedule, saved or not, would be due: what happens then, on days when clocks change too.
    /// </summary>
    /// <returns>The times, fewer than five if it ends before; or the errors at the schedule's fields.</returns>
    public Task<Result<IReadOnlyList<DateTime>>> PreviewAsync(
        Actor actor,
        ScheduleSettings settings,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<IReadOnlyList<DateTime>>(
            actor,
            Permission.Read,
            _ => ScheduleCalendar.Of(settings).Map(calendar => calendar.NextAfter(time.GetUtcNow().UtcDateTime, Previewed)),
            cancellationToken
        );

    /// <summary>Fires a schedule now, even if it is paused or a run of it is in progress.</summary>
    /// <returns>The run; or why none could start, which is written down too.</returns>
    public Task<Result<StartedRun>> RunNowAsync(Actor actor, string workflowId, string triggerId, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<StartedRun>(
            actor,
            Permission.Run,
            async principal =>
            {
                string id;
                await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
                {
                    if (
                        !await db.Triggers.AnyAsync(
                            trigger => trigger.Id == triggerId && trigger.WorkflowId == workflowId && trigger.Type == TriggerType.Scheduled,
                            cancellationToken
                        )
                    )
                    {
                        return Problem.NotFound("schedule");
                    }

                    var now = time.GetUtcNow().UtcDateTime;
                    var firing = new TriggerFiring
                    {
                        TriggerId = triggerId,
                        WorkflowId = workflowId,
                        DueAt = now,
                        DecidedAt = now,
                        Outcome = FiringOutcome.Starting,
                        Reason = $"Started by {principal.Name}.",
                        AskedBy = principal.UserId ?? "",
                    };
                    id = firing.Id;
                    db.TriggerFirings.Add(firing);
                    await db.SaveChangesAsync(cancellationToken);
                }

                // From here it is carried out, even if the caller stops waiting.
                await runner.TickAsync(CancellationToken.None);
                await using var after = await contexts.CreateDbContextAsync(cancellationToken);
                var made = await Firings(after, after.TriggerFirings.AsNoTracking().Where(firing => firing.Id == id))
                    .SingleAsync(cancellationToken);
                return made.RunId is { } runId
                    ? new StartedRun(runId, made.RunStatus ?? RunStatus.Queued, Repeated: false)
                    // A firing that is still starting shows who requested it, not why it has not started.
                    : Problem.Conflict(
                        made is { Outcome: FiringOutcome.Starting or FiringOutcome.Waiting } or { Reason: null }
                            ? "The run could not be started yet. PromptPilot retries every second: see the history."
                            : made.Reason
                    );
            },
            cancellationToken
        );

    private async Task<List<ScheduleRow>> RowsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<Trigger> triggers,
        CancellationToken cancellationToken
    )
    {
        var ids = triggers.Select(trigger => trigger.Id).ToList();
        var workflowIds = triggers.Select(trigger => trigger.WorkflowId).Distinct().ToList();
        var now = time.GetUtcNow().UtcDateTime;
        var since = now - Counted;
        var workflows = await db
            .Workflows.AsNoTracking()
            .Where(workflow => workflowIds.Contains(workflow.Id))
            .Select(workflow => new
            {
                workflow.Id,
                workflow.Name,
                workflow.Owner,
            })
            .ToDictionaryAsync(workflow => workflow.Id, cancellationToken);
        var counts = await db
            .TriggerFirings.AsNoTracking()
            .Where(firing =>
                ids.Contains(firing.TriggerId)
                && firing.DueAt >= since
                && (firing.Outcome == FiringOutcome.Missed || firing.Outcome == FiringOutcome.Skipped)
            )
            .GroupBy(firing => new { firing.TriggerId, firing.Outcome })
            .Select(group => new
            {
                group.Key.TriggerId,
                group.Key.Outcome,
                Count = group.Sum(firing => firing.Count),
            })
            .ToListAsync(cancellationToken);
        var last = await Firings(
                db,
                db.TriggerFirings.AsNoTracking()
                    .Where(firing =>
                        ids.Contains(firing.TriggerId)
                        && firing.DueAt == db.TriggerFirings.Where(other => other.TriggerId == firing.TriggerId).Max(other => other.DueAt)
                    )
            )
            .ToListAsync(cancellationToken);
        var broken = await health.FindBrokenAsync(db, triggers, cancellationToken);
        // A workflow that is being deleted takes its schedules along.
        return
        [
            .. triggers
                .Where(trigger => workflows.ContainsKey(trigger.WorkflowId))
                .Select(trigger => new ScheduleRow(
                    trigger,
                    workflows[trigger.WorkflowId].Name,
                    workflows[trigger.WorkflowId].Owner,
                    trigger is { Enabled: true, NextAt: { } next, Schedule: { } settings }
                    && ScheduleCalendar.Of(settings) is { IsOk: true, Value: var calendar }
                        ? [next, .. calendar.NextAfter(next, Previewed - 1)]
                        : [],
                    last.FirstOrDefault(firing => firing.TriggerId == trigger.Id),
                    counts.FirstOrDefault(count => count.TriggerId == trigger.Id && count.Outcome == FiringOutcome.Missed)?.Count ?? 0,
                    counts.FirstOrDefault(count => count.TriggerId == trigger.Id && count.Outcome == FiringOutcome.Skipped)?.Count ?? 0,
                    broken.GetValueOrDefault(trigger.Id)
                )),
        ];
    }

    private static IQueryable<FiringRow> Firings(PromptPilotDbContext db, IQueryable<TriggerFiring> firings) =>
        firings.Select(firing => new FiringRow(
            firing.Id,
            firing.TriggerId,
            firing.WorkflowId,
            db.Workflows.Where(workflow => workflow.Id == firing.WorkflowId).Select(workflow => workflow.Name).FirstOrDefault() ?? "",
            firing.DueAt,
            firing.DecidedAt,
            firing.Outcome,
            firing.Reason,
            firing.RunId,
            db.WorkflowRuns.Where(run => run.Id == firing.RunId).Select(run => (RunStatus?)run.Status).FirstOrDefault(),
            firing.Count,
            firing.AskedBy != null
        ));
}
