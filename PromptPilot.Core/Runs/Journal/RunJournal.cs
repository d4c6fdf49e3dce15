using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Runs.Retention;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// The only writer of runs, run events and execution logs, and of the outbox rows that follow from them. Entries that wait at the same time
/// share one commit; an entry's events, logs and row are in it together or not at all.
/// Nothing downstream sees an output before its commit.
/// </summary>
public sealed class RunJournal(
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    HookOutbox outbox,
    TimeProvider time,
    ILogger<RunJournal> log
) : IAsyncDisposable
{
    /// <summary>Time limit for the remaining writes when the host stops.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private const int LargestBatch = 256;
    private const int SqliteConstraint = 19;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Pending> _channel = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task? _loop;

    private sealed record Pending(JournalEntry Entry, TaskCompletionSource<AppendResult> Done);

    /// <summary>Commits an entry, together with others that wait.</summary>
    /// <remarks>A new run is refused when the database cannot take it; entries of an accepted run are retried until it can.</remarks>
    /// <exception cref="EntryRefusedException">The entry is of a new run, and the database cannot accept new runs right now.</exception>
    /// <exception cref="EntryUnwritableException">It can never be written.</exception>
    /// <exception cref="JournalClosedException">The host has stopped.</exception>
    internal Task<AppendResult> AppendAsync(JournalEntry entry)
    {
        lock (_lock)
        {
            _loop ??= Task.Run(WriteAsync);
        }

        var pending = new Pending(entry, new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _channel.Writer.TryWrite(pending) ? pending.Done.Task : throw new JournalClosedException();
    }

    /// <summary>Extends the leases of a host's runs.</summary>
    internal async Task RenewLeasesAsync(string owner, DateTime until, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db
            .WorkflowRuns.Where(run => run.Status == RunStatus.Running && run.LeaseOwner == owner)
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.LeaseUntil, until), cancellationToken);
    }

    /// <summary>Removes runs with their events, logs and feedback, in one transaction.</summary>
    /// <param name="ratedStay">True: ratings protect a run.</param>
    /// <returns>The deleted runs, and why others are kept: unfinished, pinned, rated, or the origin of a run that is kept. Ids that do not
    /// exist are in neither.</returns>
    internal Task<RemovalPlan> DeleteAsync(IReadOnlyList<string> runIds, bool ratedStay, CancellationToken cancellationToken) =>
        InTransactionAsync(
            db => RunDeletion.DeleteRunsAsync(db, runIds, ratedStay, time.GetUtcNow().UtcDateTime, cancellationToken),
            cancellationToken
        );

    /// <summary>Commits the log of a call outside runs.</summary>
    internal Task RecordCallAsync(ExecutionLog call) =>
        InTransactionAsync(
            async db =>
            {
                db.ExecutionLogs.Add(call);
                return await db.SaveChangesAsync();
            },
            CancellationToken.None
        );

    /// <summary>Removes logs of calls outside runs, unless they were rated.</summary>
    /// <returns>How many.</returns>
    internal Task<int> DeleteCallsAsync(IReadOnlyList<string> logIds, CancellationToken cancellationToken) =>
        InTransactionAsync(
            db => RunDeletion.DeleteCallsAsync(db, logIds, time.GetUtcNow().UtcDateTime, cancellationToken),
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        // A database that accepts no writes must not keep the host from stopping: what is unwritten then is treated as after a crash.
        _closing.CancelAfter(CloseLimit);
        _channel.Writer.TryComplete();
        if (_loop is not null && await Task.WhenAny(_loop, Task.Delay(StopPatience)) != _loop)
        {
            log.LogWarning(
                "The journal did not finish within {Seconds} s; unwritten work is repeated at the next start",
                StopPatience.TotalSeconds
            );
        }
    }

    private async Task<T> InTransactionAsync<T>(Func<PromptPilotDbContext, Task<T>> write, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var result = await write(db);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private async Task WriteAsync()
    {
        JournalConnection? connection = null;
        var batch = new List<Pending>();
        while (await _channel.Reader.WaitToReadAsync())
        {
            do
            {
                // Repeated at each retry: a new run that arrives while the database is full is refused, not kept waiting.
                while (batch.Count < LargestBatch && _channel.Reader.TryRead(out var pending))
                {
                    batch.Add(pending);
                }

                try
                {
                    connection ??= await JournalConnection.OpenAsync(contexts, outbox);
                    await CommitAsync(connection, batch);
                    batch.Clear();
                }
                catch (Exception exception)
                {
                    await CloseAsync(connection);
                    connection = null;
                    await RecoverAsync(exception, batch);
                }
            } while (batch.Count > 0);
        }

        await CloseAsync(connection);
    }

    /// <summary>The loop must outlive a connection that cannot even be closed.</summary>
    private async Task CloseAsync(JournalConnection? connection)
    {
        try
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "The journal's connection could not be closed");
        }
    }

    private async Task CommitAsync(JournalConnection connection, IReadOnlyList<Pending> batch)
    {
        var results = new AppendResult[batch.Count];
        await using (var transaction = await gate.BeginAsync(connection.Db, _closing.Token))
        {
            var inner = connection.Db.Database.CurrentTransaction!.GetDbTransaction();
            for (var i = 0; i < batch.Count; i++)
            {
                results[i] = await connection.WriteAsync(batch[i].Entry, inner);
            }

            await transaction.CommitAsync(CancellationToken.None);
        }

        if (connection.HasDeliveries)
        {
            connection.HasDeliveries = false;
            outbox.Written.Raise();
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Done.SetResult(results[i]);
        }
    }

    /// <summary>Reports the failure to those entries of a failed batch that need to know, and leaves the rest to be retried.</summary>
    private async Task RecoverAsync(Exception exception, List<Pending> batch)
    {
        if (!_closing.IsCancellationRequested && !DatabaseFault.CanPass(exception))
        {
            try
            {
                await IsolateAsync(batch);
                return;
            }
            catch (Exception next)
            {
                exception = next;
            }
        }

        if (_closing.IsCancellationRequested)
        {
            log.LogError(exception, "{Count} journal entries could not be written before the host stopped", batch.Count);
            FailAll(batch, _ => new JournalClosedException());
            return;
        }

        log.LogError(exception, "The journal could not commit {Count} entries; new runs are refused and the rest is retried", batch.Count);
        var refused = batch.Where(pending => pending.Entry.IsNew).ToList();
        batch.RemoveAll(refused.Contains);
        FailAll(refused, _ => new EntryRefusedException(exception));
        if (batch.Count > 0)
        {
            await Task.Delay(RetryPause, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// At least one entry can never be written: halves the batch until it is isolated, and reports it. The others are
    /// committed and leave the batch; what the database refuses for now stays.
    /// </summary>
    private async Task IsolateAsync(List<Pending> batch)
    {
        var parts = new Stack<Pending[]>([
            [.. batch],
        ]);
        while (parts.TryPop(out var part))
        {
            try
            {
                await using var connection = await JournalConnection.OpenAsync(contexts, outbox);
                await CommitAsync(connection, part);
            }
            catch (Exception exception) when (!DatabaseFault.CanPass(exception) && !_closing.IsCancellationRequested)
            {
                if (part.Length > 1)
                {
                    parts.Push(part[(part.Length / 2)..]);
                    parts.Push(part[..(part.Length / 2)]);
                    continue;
                }

                ReportUnwritable(part[0], exception);
            }

            batch.RemoveAll(part.Contains);
        }
    }

    private void ReportUnwritable(Pending pending, Exception exception)
    {
        if (pending.Entry.IsNew && exception is SqliteException { SqliteErrorCode: SqliteConstraint })
        {
            pending.Done.SetResult(pending.Entry.Run.IdempotencyKey is null ? AppendResult.Refused : AppendResult.Duplicate);
            return;
        }

        log.LogError(exception, "A record of run {Run} cannot be stored", pending.Entry.Run.Id);
        pending.Done.SetException(new EntryUnwritableException(exception));
    }

    private static void FailAll(List<Pending> batch, Func<Pending, Exception> why)
    {
        foreach (var pending in batch)
        {
            pending.Done.SetException(why(pending));
        }

        batch.Clear();
    }
}
