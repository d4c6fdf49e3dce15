using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Schedules;

/// <summary>
/// Turns due times into firings, and firings into runs. The rows are the truth: in one commit a schedule moves on and its firings are
/// there; only then runs are made, under a key that is
/// the firing's own. Whatever is cut off in between continues at the next tick, and no run is made twice.
/// </summary>
public sealed class ScheduleRunner(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    FiringStarter starter,
    TriggerChanges changes,
    IOptions<SchedulesOptions> options,
    TimeProvider time,
    ILogger<ScheduleRunner> log
) : IDisposable, ICleaning
{
    private const int Batch = 250;
    private const int StartsAtOnce = 8;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly ClockWatch _clock = new(time);

    public void Dispose() => _one.Dispose();

    /// <summary>Handles everything that is due.</summary>
    /// <returns>The time of the next due firing; null if there is none.</returns>
    internal async Task<DateTime?> TickAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var hasChanged = _clock.WasSetBack() && await RealignAsync(cancellationToken);
            int count;
            do
            {
                count = await DecideAsync(cancellationToken);
                hasChanged |= count > 0;
                hasChanged |= await StartOpenAsync(cancellationToken);
            } while (count == Batch);
            if (hasChanged)
            {
                changes.Notify(isClock: true);
            }

            return await FindNextLookAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Writes the firings of schedules that are due, and moves these on, in one commit.</summary>
    /// <returns>The number of schedules.</returns>
    private async Task<int> DecideAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.Triggers.AnyAsync(trigger => trigger.NextAt != null && trigger.NextAt <= now, cancellationToken))
        {
            return 0;
        }

        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var due = await db
            .Triggers.Where(trigger => trigger.NextAt != null && trigger.NextAt <= now)
            .OrderBy(trigger => trigger.NextAt)
            .Take(Batch)
            .ToListAsync(cancellationToken);
        var plans = new List<(Trigger Trigger, SchedulePlan Plan)>();
        foreach (var trigger in due)
        {
            if (trigger.Schedule is not { } settings || ScheduleCalendar.Of(settings) is not { IsOk: true, Value: var calendar })
            {
                // A system update removed its time zone: shown as broken, and resumed when it is saved again.
                log.LogError("The schedule of trigger {Trigger} can no longer be read", trigger.Id);
                trigger.NextAt = null;
                continue;
            }

            var plan = SchedulePlan.Of(
                settings,
                calendar,
                trigger.NextAt!.Value,
                now,
                TimeSpan.FromSeconds(options.Value.MissedAfterSeconds)
            );
            trigger.NextAt = plan.NextAt;
            trigger.LastFiredAt = plan.Firings[^1].DueAt;
            plans.Add((trigger, plan));
        }

        await AddFiringsAsync(db, plans, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }

    /// <summary>
    /// Adds the rows. A moment that came before the clock was set back comes again: its second row is due a tick later, since there is one
    /// row for each due time.
    /// </summary>
    private static async Task AddFiringsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<(Trigger Trigger, SchedulePlan Plan)> plans,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var (ids, oldest) = (
            plans.Select(plan => plan.Trigger.Id).ToList(),
            plans.SelectMany(plan => plan.Plan.Firings).Min(f => (DateTime?)f.DueAt)
        );
        var taken = (
            await db
                .TriggerFirings.Where(firing => ids.Contains(firing.TriggerId) && firing.DueAt >= oldest && firing.DueAt <= now)
                .Select(firing => new { firing.TriggerId, firing.DueAt })
                .ToListAsync(cancellationToken)
        ).ToHashSet();
        foreach (var (trigger, plan) in plans)
        {
            foreach (var firing in plan.Firings)
            {
                var dueAt = firing.DueAt;
                while (!taken.Add(new { TriggerId = trigger.Id, DueAt = dueAt }))
                {
                    dueAt = dueAt.AddTicks(1);
                }

                db.TriggerFirings.Add(
                    new TriggerFiring
                    {
                        TriggerId = trigger.Id,
                        WorkflowId = trigger.WorkflowId,
                        DueAt = dueAt,
                        DecidedAt = now,
                        Outcome = firing.Outcome,
                        Reason = dueAt == firing.DueAt ? firing.Reason : "The clock was set back, so this time occurred again.",
                        Count = firing.Count,
                    }
                );
            }
        }
    }

    /// <summary>After the clock was set back, schedules that wait for the time it showed before wait for the time it shows now.</summary>
    /// <returns>True when one does.</returns>
    private async Task<bool> RealignAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var ahead = await db.Triggers.Where(trigger => trigger.NextAt > now).ToListAsync(cancellationToken);
        var moved = 0;
        foreach (var trigger in ahead)
        {
            if (trigger.Schedule is { } settings && ScheduleCalendar.Of(settings) is { IsOk: true, Value: var calendar })
            {
                var next = SchedulePlan.NextAfterSetBack(calendar, trigger.NextAt!.Value, trigger.LastFiredAt, now);
                moved += next == trigger.NextAt ? 0 : 1;
                trigger.NextAt = next;
            }
        }

        if (moved > 0)
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            log.LogWarning("The clock was set back: {Count} schedules are due earlier than planned", moved);
        }

        return moved > 0;
    }

    /// <summary>Starts open firings: just decided, left over from a crash, or waiting for an earlier run.</summary>
    /// <returns>True when a firing has another outcome now.</returns>
    private async Task<bool> StartOpenAsync(CancellationToken cancellationToken)
    {
        List<OpenFiring> open;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            open = await db
                .TriggerFirings.AsNoTracking()
                .Where(firing => firing.Outcome == FiringOutcome.Starting || firing.Outcome == FiringOutcome.Waiting)
                .OrderBy(firing => firing.DueAt)
                .Join(db.Triggers, firing => firing.TriggerId, trigger => trigger.Id, (firing, trigger) => new { firing, trigger })
                .Join(
                    db.Workflows,
                    both => both.firing.WorkflowId,
                    workflow => workflow.Id,
                    (both, workflow) => new OpenFiring(both.firing, both.trigger, workflow.Owner)
                )
                .ToListAsync(cancellationToken);
        }

        // One trigger's firings in their order; different triggers do not wait for each other.
        var changed = 0;
        await Parallel.ForEachAsync(
            open.GroupBy(firing => firing.Trigger.Id),
            new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = cancellationToken },
            async (firings, token) =>
                Interlocked.Or(ref changed, await starter.StartAsync([.. firings.OrderBy(firing => firing.Firing.DueAt)], token) ? 1 : 0)
        );
        return changed == 1;
    }

    private async Task<DateTime?> FindNextLookAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.TriggerFirings.AnyAsync(
            firing => firing.Outcome == FiringOutcome.Starting || firing.Outcome == FiringOutcome.Waiting,
            cancellationToken
        )
            ? time.GetUtcNow().UtcDateTime + LookAgain
            : await db.Triggers.Where(trigger => trigger.NextAt != null).MinAsync(trigger => trigger.NextAt, cancellationToken);
    }

    async Task ICleaning.CleanAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime.AddDays(-options.Value.KeepFiringsDays);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.TriggerFirings.AnyAsync(firing => firing.DueAt < before, cancellationToken))
        {
            await db
                .TriggerFirings.Where(firing =>
                    firing.DueAt < before && firing.Outcome != FiringOutcome.Starting && firing.Outcome != FiringOutcome.Waiting
                )
                .ExecuteDeleteAsync(cancellationToken);
        }
    }
}

/// <summary>A firing that has not become a run yet.</summary>
/// <param name="Owner">The owner of the workflow.</param>
internal sealed record OpenFiring(TriggerFiring Firing, Trigger Trigger, string? Owner);
