using System.Threading.Channels;
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
public sealed class AttemptRecorder(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    TimeProvider time,
    ILogger<AttemptRecorder> log
) : IAsyncDisposable
{
    private const int LargestBatch = 256;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Pending> _channel = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private Task? _loop;

    private sealed record Pending(EndedAttempt Attempt, TaskCompletionSource<HookAttempt?> Done);

    /// <summary>Signals that attempts were written.</summary>
    internal ChangeSignal Written { get; } = new();

    /// <summary>Completes when the attempt is committed, however long the database takes.</summary>
    /// <returns>Null when the delivery is gone with its hook.</returns>
    internal Task<HookAttempt?> RecordAsync(EndedAttempt attempt)
    {
        lock (_lock)
        {
            _loop ??= Task.Run(WriteAsync);
        }

        var pending = new Pending(attempt, new TaskCompletionSource<HookAttempt?>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _channel.Writer.TryWrite(pending) ? pending.Done.Task : throw new InvalidOperationException("The recorder is closed.");
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        if (_loop is not null && await Task.WhenAny(_loop, Task.Delay(StopPatience)) != _loop)
        {
            log.LogWarning(
                "The delivery recorder did not stop within {Seconds} s; attempts it could not write are repeated at the next start",
                StopPatience.TotalSeconds
            );
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Pending>();
        while (await _channel.Reader.WaitToReadAsync())
        {
            while (batch.Count < LargestBatch && _channel.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            while (batch.Count > 0)
            {
                try
                {
                    var written = await CommitAsync([.. batch.Select(pending => pending.Attempt)]);
                    for (var i = 0; i < batch.Count; i++)
                    {
                        batch[i].Done.SetResult(written[i]);
                    }

                    batch.Clear();
                    Written.Raise();
                }
                catch (Exception exception)
                {
                    log.LogError(exception, "{Count} delivery attempts could not be written; retrying in half a second", batch.Count);
                    await Task.Delay(RetryPause);
                }
            }
        }
    }

    private async Task<List<HookAttempt?>> CommitAsync(IReadOnlyList<EndedAttempt> ended)
    {
        await using var db = await contexts.CreateDbContextAsync();
        await using var transaction = await gate.BeginAsync(db, CancellationToken.None);
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
        var (outcome, now) = (ended.Outcome, time.GetUtcNow().UtcDateTime);

        // A test is tried once: the caller sees what came of it.
        var fate = DeliverySchedule.After(outcome, delivery.RunId is null ? int.MaxValue : delivery.Failures, now);
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
            log.LogWarning("Hook {Hook} was disabled because its receiver answered 410", hook.Id);
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
