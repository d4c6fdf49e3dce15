using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Integrations;

/// <summary>Shows deliveries and their outcome, and resends them manually.</summary>
public sealed class HookDeliveryService(Operations operations, HookOutbox outbox, AttemptRecorder recorder, TimeProvider time)
{
    private const string What = "delivery";
    private const char Separator = '^';

    /// <summary>Deliveries, newest first.</summary>
    public Task<Result<Page<DeliveryItem>>> ListAsync(
        Actor actor,
        DeliveryFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<DeliveryItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var rows = db.HookDeliveries.AsNoTracking();
                rows = filter.HookId is { } hookId ? rows.Where(delivery => delivery.HookId == hookId) : rows;
                rows = filter.RunId is { } runId ? rows.Where(delivery => delivery.RunId == runId) : rows;
                if (filter.State is { } state)
                {
                    rows = rows.Where(delivery => delivery.State == state);
                }

                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, Separator) is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    rows = rows.Where(delivery =>
                        delivery.CreatedAt < cursor.At || (delivery.CreatedAt == cursor.At && string.Compare(delivery.Id, cursor.Id) < 0)
                    );
                }

                var items = await Items(
                        db,
                        rows.OrderByDescending(delivery => delivery.CreatedAt).ThenByDescending(delivery => delivery.Id).Take(page.Take + 1)
                    )
                    .ToListAsync(cancellationToken);
                items = await WithChangesAsync(db, items, cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.CreatedAt, last.Id).ToString(Separator));
            },
            cancellationToken
        );

    /// <summary>A delivery with its attempts.</summary>
    public Task<Result<DeliveryView>> FindAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<DeliveryView>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var rows = db.HookDeliveries.AsNoTracking().Where(delivery => delivery.Id == id);
                return await Items(db, rows).SingleOrDefaultAsync(cancellationToken) is { } item
                    ? new DeliveryView(
                        item,
                        await rows.Select(delivery => delivery.Payload).SingleAsync(cancellationToken),
                        await db
                            .HookAttempts.AsNoTracking()
                            .Where(attempt => attempt.DeliveryId == id)
                            .OrderBy(attempt => attempt.Number)
                            .ToListAsync(cancellationToken)
                    )
                    : Problem.NotFound(What);
            },
            cancellationToken
        );

    /// <summary>Sends a delivery again, now and under its old id, and by the schedule from its beginning if that fails.</summary>
    public async Task<Result<DeliveryItem>> ResendAsync(Actor actor, string id, CancellationToken cancellationToken)
    {
        var result = await operations.WriteAsync<DeliveryItem>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var rows = db.HookDeliveries.Where(delivery => delivery.Id == id);
                if (
                    await rows.Select(delivery => new { delivery.Event, delivery.HookId }).SingleOrDefaultAsync(cancellationToken)
                    is not { } found
                )
                {
                    return Problem.NotFound(What);
                }

                if (found.Event is null)
                {
                    return Problem.Conflict("A test cannot be resent. Send a new test.");
                }

                if (await db.IntegrationHooks.AnyAsync(hook => hook.Id == found.HookId && !hook.Enabled, cancellationToken))
                {
                    return Problem.Conflict("The hook is disabled. Enable it first; waiting messages are then sent.");
                }

                var now = time.GetUtcNow().UtcDateTime;
                await rows.ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(delivery => delivery.State, DeliveryState.Pending)
                            .SetProperty(delivery => delivery.NextAttemptAt, now)
                            .SetProperty(delivery => delivery.Failures, 0)
                            .SetProperty(delivery => delivery.EndedAt, (DateTime?)null),
                    cancellationToken
                );
                return await Items(db, rows.AsNoTracking()).SingleAsync(cancellationToken);
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            outbox.Written.Raise();
        }

        return result;
    }

    /// <summary>Notifies a viewer of attempts, for all hooks.</summary>
    public Task<Result<DeliveryWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<DeliveryWatch>(actor, Permission.Read, _ => new DeliveryWatch(recorder.Written), cancellationToken);

    /// <summary>The items with the change requests that they report. Only their messages name them.</summary>
    private static async Task<List<DeliveryItem>> WithChangesAsync(
        PromptPilotDbContext db,
        List<DeliveryItem> items,
        CancellationToken cancellationToken
    )
    {
        var ids = items.FindAll(item => item is { RunId: null, Event: not null }).ConvertAll(item => item.Id);
        if (ids.Count == 0)
        {
            return items;
        }

        var payloads = await db
            .HookDeliveries.Where(delivery => ids.Contains(delivery.Id))
            .ToDictionaryAsync(delivery => delivery.Id, delivery => delivery.Payload, cancellationToken);
        return items.ConvertAll(item =>
            payloads.TryGetValue(item.Id, out var payload)
                ? item with
                {
                    ChangeRequestId = HookPayload.Parse(payload).Change?.ChangeRequestId,
                }
                : item
        );
    }

    private static IQueryable<DeliveryItem> Items(PromptPilotDbContext db, IQueryable<HookDelivery> rows) =>
        rows.Select(delivery => new DeliveryItem(
            delivery.Id,
            delivery.HookId,
            db.IntegrationHooks.Where(hook => hook.Id == delivery.HookId).Select(hook => hook.Name).FirstOrDefault() ?? "",
            delivery.RunId,
            db.WorkflowRuns.Where(run => run.Id == delivery.RunId).Select(run => (RunStatus?)run.Status).FirstOrDefault(),
            delivery.Event,
            delivery.State,
            delivery.Attempts,
            delivery.CreatedAt,
            delivery.NextAttemptAt,
            delivery.EndedAt,
            delivery.LastVerdict,
            delivery.LastStatus,
            delivery.LastError
        ));
}

/// <summary>Signals that attempts were recorded.</summary>
public sealed class DeliveryWatch
{
    private readonly ChangeSignal _written;
    private long _seen;

    internal DeliveryWatch(ChangeSignal written) => (_written, _seen) = (written, written.Count);

    /// <summary>Completes when something was recorded since the last call, or since the watch began.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        await _written.WaitAsync(_seen, cancellationToken);
        _seen = _written.Count;
    }
}
