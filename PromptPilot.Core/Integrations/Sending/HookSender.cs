using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>
/// Sends due deliveries. The rows are the truth: deliveries in progress when the host died are due at the next start. Each hook has its own
/// few slots, so that a slow receiver delays only itself.
/// </summary>
internal sealed class HookSender(
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    HookOutbox outbox,
    HookMessenger messenger,
    AttemptRecorder recorder,
    IOptions<IntegrationsOptions> options,
    TimeProvider time,
    ILogger<HookSender> log
) : PollingService
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string> _underWay = [];
    private readonly ConcurrentDictionary<string, DateTime> _pausedUntil = [];

    // Not disposed: a host may be stopped once more after it is gone, and a source without a handle holds nothing.
    private readonly CancellationTokenSource _stop = new();
    private readonly ClockWatch _clock = new(time);

    /// <summary>Starts nothing new, and gives deliveries in progress a moment to be recorded: otherwise they would be sent again.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _stop.CancelAfter(StopGrace);
        var clock = Stopwatch.StartNew();
        while (!_underWay.IsEmpty && clock.Elapsed < StopGrace * 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override Duty? Duty => ready.Duties[DutyName.Hooks];

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(30);

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen()
    {
        var seen = outbox.Written.Count;
        return token => outbox.Written.WaitAsync(seen, token);
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        if (_clock.WasSetBack())
        {
            await RealignAsync(cancellationToken);
        }

        return await StartDueAsync(cancellationToken);
    }

    /// <summary>A delivery that has waited since a time in the future waits for a clock that was set back, and is due now.</summary>
    private async Task RealignAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ahead = db.HookDeliveries.Where(delivery =>
            delivery.NextAttemptAt > now
            && (delivery.CreatedAt > now || db.HookAttempts.Any(attempt => attempt.DeliveryId == delivery.Id && attempt.At > now))
        );
        if (await ahead.AnyAsync(cancellationToken))
        {
            var count = await ahead.ExecuteUpdateAsync(set => set.SetProperty(delivery => delivery.NextAttemptAt, now), cancellationToken);
            log.LogWarning("The clock was set back: {Count} deliveries are tried again now", count);
        }
    }

    /// <summary>Starts due deliveries while there are places. Each that ends frees one and wakes the sender.</summary>
    /// <returns>When the next delivery is due.</returns>
    private async Task<DateTime?> StartDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;

        // Taken before the rows are read: a row that was under way then may have been read before its attempt was recorded, and would be
        // sent twice. Only this loop adds to them.
        var busyWith = _underWay.ToDictionary();
        var underWay = busyWith.Values.GroupBy(hook => hook).ToDictionary(group => group.Key, group => group.Count());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var hooks = await db
            .IntegrationHooks.AsNoTracking()
            .Where(hook => hook.Enabled && db.HookDeliveries.Any(delivery => delivery.HookId == hook.Id && delivery.NextAttemptAt <= now))
            .ToListAsync(cancellationToken);
        DateTime? next = null;

        // Hooks with the fewest deliveries in progress first: when all slots are taken, each hook has some.
        foreach (var hook in hooks.OrderBy(hook => underWay.GetValueOrDefault(hook.Id)))
        {
            // A pause longer than any that was set means that the clock was set back.
            if (_pausedUntil.TryGetValue(hook.Id, out var until) && until > now && until - now <= DeliverySchedule.MostWait)
            {
                next = next is null || until < next ? until : next;
                continue;
            }

            var busy = underWay.GetValueOrDefault(hook.Id);
            var room = Math.Min(options.Value.ParallelPerHook - busy, options.Value.Parallel - _underWay.Count);
            if (room > 0)
            {
                var due = await db
                    .HookDeliveries.AsNoTracking()
                    .Where(delivery => delivery.HookId == hook.Id && delivery.NextAttemptAt <= now)
                    .OrderBy(delivery => delivery.NextAttemptAt)
                    .Take(room + busy)
                    .ToListAsync(cancellationToken);
                foreach (var delivery in due.Where(delivery => !busyWith.ContainsKey(delivery.Id)).Take(room))
                {
                    _underWay[delivery.Id] = hook.Id;
                    WorkMetrics.Waited(nameof(HookSender), now - delivery.NextAttemptAt!.Value);
                    _ = Task.Run(() => SendAsync(hook, delivery), CancellationToken.None);
                }
            }
        }

        var later = await db
            .HookDeliveries.Where(delivery => delivery.NextAttemptAt > now)
            .MinAsync(delivery => delivery.NextAttemptAt, cancellationToken);
        return next is null || later < next ? later : next;
    }

    private async Task SendAsync(IntegrationHook hook, HookDelivery delivery)
    {
        try
        {
            var (at, clock) = (time.GetUtcNow().UtcDateTime, Stopwatch.StartNew());
            var outcome = await AttemptAsync(hook, delivery);
            if (outcome.RetryAfter is { } pause)
            {
                // The pause applies to all messages to this receiver, not only to this one.
                _pausedUntil[hook.Id] =
                    time.GetUtcNow().UtcDateTime + (pause < DeliverySchedule.MostWait ? pause : DeliverySchedule.MostWait);
            }

            await recorder.RecordAsync(new EndedAttempt(delivery.Id, at, clock.ElapsedMilliseconds, outcome));
            WorkMetrics.Done(nameof(HookSender));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The host stops: it is due at the next start.
        }
        catch (Exception exception)
        {
            log.LogError(exception, "The outcome of delivery {Delivery} could not be recorded; it will be sent again", delivery.Id);
        }
        finally
        {
            _underWay.TryRemove(delivery.Id, out _);
            outbox.Written.Raise();
        }
    }

    /// <summary>A bug is recorded as a failure too, so that it does not repeat forever.</summary>
    private async Task<AttemptOutcome> AttemptAsync(IntegrationHook hook, HookDelivery delivery)
    {
        try
        {
            return await messenger.SendAsync(hook, delivery, _stop.Token);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            log.LogError(exception, "Delivery {Delivery} was aborted by a bug", delivery.Id);
            return new AttemptOutcome(
                AttemptVerdict.NotReady,
                "A bug in PromptPilot prevented this from being sent. The log has the details; please report it."
            );
        }
    }
}
