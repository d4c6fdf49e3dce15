using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>An attempt that has ended.</summary>
internal sealed record EndedAttempt(string DeliveryId, DateTime At, long DurationMs, AttemptOutcome Outcome);

/// <summary>
/// Writes what came of attempts: those that wait at the same time share a commit. What was sent and not yet written is sent again after a
/// crash, under the same id.
/// </summary>
public sealed class AttemptRecorder : IAsyncDisposable
{
    private const int LargestBatch = 256;

    private readonly IDbContextFactory<PromptPilotDbContext> _contexts;
    private readonly WriteGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger<AttemptRecorder> _log;
    private readonly BatchWriter<Pending> _writer;

    public AttemptRecorder(
        IDbContextFactory<PromptPilotDbContext> contexts,
        WriteGate gate,
        TimeProvider time,
        ILogger<AttemptRecorder> log
    )
    {
        (_contexts, _gate, _time, _log) = (contexts, gate, time, log);
        _writer = new BatchWriter<Pending>(
            new BatchRules(nameof(AttemptRecorder), LargestBatch),
            WriteAsync,
            DatabaseFault.CanPass,
            (pending, exception) => pending.Done.TrySetException(exception),
            time,
            log
        );
    }

    private sealed record Pending(EndedAttempt Attempt, TaskCompletionSource<HookAttempt?> Done);

    /// <summary>Signals that attempts were written.</summary>
    internal ChangeSignal Written { get; } = new();

    /// <summary>Completes when the attempt is committed.</summary>
    /// <returns>Null when the delivery is gone with its hook.</returns>
    internal Task<HookAttempt?> RecordAsync(EndedAttempt attempt)
    {
        var pending = new Pending(attempt, new TaskCompletionSource<HookAttempt?>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _writer.TryAdd(pending) ? pending.Done.Task : throw new InvalidOperationException("The recorder is closed.");
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task WriteAsync(IReadOnlyList<Pending> batch)
    {
        var written = await CommitAsync([.. batch.Select(pending => pending.Attempt)]);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Done.TrySetResult(written[i]);
        }

        Written.Raise();
    }

    private async Task<List<HookAttempt?>> CommitAsync(IReadOnlyList<EndedAttempt> ended)
    {
        await using var db = await _contexts.CreateDbContextAsync();
        await using var transaction = await _gate.BeginAsync(db, CancellationToken.None);
        var ids = ended.Select(attempt => attempt.DeliveryId).Distinct().ToList();
        var deliveries = await db.HookDeliveries.Where(delivery => ids.Contains(delivery.Id)).ToDictionaryAsync(delivery => delivery.Id);
        var written = new List<HookAttempt?>();
        foreach (var attempt in ended)
        {
            written.Add(deliveries.TryGetValue(attempt.DeliveryId, out var delivery) ? await ApplyAsync(db, delivery, attempt) : null);
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync(CancellationToken.None);
        return written;
    }

    private async Task<HookAttempt> ApplyAsync(PromptPilotDbContext db, HookDelivery delivery, EndedAttempt ended)
    {
        var (outcome, now) = (ended.Outcome, _time.GetUtcNow().UtcDateTime);

        // A test is not retried, since the caller sees the result.
        var fate = DeliverySchedule.After(outcome, delivery.Event is null ? int.MaxValue : delivery.Failures, now);
        delivery.Attempts++;
        delivery.Failures += fate.State == DeliveryState.Delivered ? 0 : 1;
        delivery.State = fate.State;
        delivery.NextAttemptAt = fate.NextAttemptAt;
        delivery.EndedAt = fate.NextAttemptAt is null ? now : null;
        delivery.LastVerdict = outcome.Verdict;
        delivery.LastStatus = outcome.Status;
        delivery.LastError = fate.State == DeliveryState.Delivered ? null : outcome.Detail;
        if (
            fate.DisablesHook
            && await db.IntegrationHooks.SingleOrDefaultAsync(hook => hook.Id == delivery.HookId) is { Enabled: true } hook
        )
        {
            hook.Enabled = false;
            hook.DisabledReason = "The receiver answered 410 (Gone) and no longer accepts messages.";
            hook.Revision++;
            _log.LogWarning("Hook {Hook} was disabled because its receiver answered 410", hook.Id);
        }

        var attempt = new HookAttempt
        {
            DeliveryId = delivery.Id,
            Number = delivery.Attempts,
            At = ended.At,
            Verdict = outcome.Verdict,
            StatusCode = outcome.Status,
            Detail = outcome.Detail,
            Excerpt = outcome.Excerpt,
            DurationMs = ended.DurationMs,
            NextAttemptAt = fate.NextAttemptAt,
        };
        db.HookAttempts.Add(attempt);
        return attempt;
    }
}
