using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// Commits the journal's entries. Entries that wait at the same time share a commit. It has its own thread and connection, because a commit
/// waits for the disk and would block a pool thread that runs need.
/// </summary>
internal sealed class JournalWriter(JournalConnections connections, HookOutbox outbox, ILogger log) : IAsyncDisposable
{
    /// <summary>Timeout for the remaining writes when the host stops.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private const int LargestBatch = 256;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Also locks the fields that the thread shares with its callers.</summary>
    private readonly Queue<Pending> _queue = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStarted;
    private bool _isClosed;

    private sealed record Pending(JournalEntry Entry, TaskCompletionSource<AppendResult> Done);

    /// <inheritdoc cref="RunJournal.AppendAsync"/>
    public Task<AppendResult> AppendAsync(JournalEntry entry)
    {
        var pending = new Pending(entry, new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_queue)
        {
            if (_isClosed)
            {
                throw new JournalClosedException();
            }

            _queue.Enqueue(pending);
            if (_isStarted)
            {
                Monitor.Pulse(_queue);
            }
            else
            {
                _isStarted = true;
                new Thread(Run) { IsBackground = true, Name = "Journal" }.UnsafeStart();
            }
        }

        return pending.Done.Task;
    }

    /// <summary>Refuses further entries, and writes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        // A database that refuses writes must not block shutdown. Unwritten entries are then handled as after a crash.
        _closing.CancelAfter(CloseLimit);
        lock (_queue)
        {
            _isClosed = true;
            Monitor.Pulse(_queue);
            if (!_isStarted)
            {
                return;
            }
        }

        if (await Task.WhenAny(_ended.Task, Task.Delay(StopPatience)) != _ended.Task)
        {
            log.LogWarning(
                "The journal did not finish within {Seconds} s. Unwritten work is repeated at the next start",
                StopPatience.TotalSeconds
            );
        }
    }

    private void Run()
    {
        IJournalConnection? connection = null;
        var batch = new List<Pending>();
        while (TakeNext(batch))
        {
            try
            {
                connection ??= connections.Open();
                Commit(connection, batch);
                batch.Clear();
            }
            catch (Exception exception)
            {
                Close(connection);
                connection = null;
                Recover(exception, batch);
            }
        }

        Close(connection);
        _ended.SetResult();
    }

    /// <summary>
    /// Adds waiting entries to the batch, whose leftovers are tried again. A new run that arrives while the database is full is refused
    /// with the batch instead of waiting.
    /// </summary>
    /// <returns>False if the journal is closed and everything is written.</returns>
    private bool TakeNext(List<Pending> batch)
    {
        lock (_queue)
        {
            while (batch.Count == 0 && _queue.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_queue);
            }

            while (batch.Count < LargestBatch && _queue.TryDequeue(out var pending))
            {
                batch.Add(pending);
            }
        }

        return batch.Count > 0;
    }

    /// <summary>The thread must survive a connection that cannot be closed.</summary>
    private void Close(IJournalConnection? connection)
    {
        try
        {
            connection?.Dispose();
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Could not close the journal's connection");
        }
    }

    private void Commit(IJournalConnection connection, IReadOnlyList<Pending> batch)
    {
        var results = connection.Commit([.. batch.Select(pending => pending.Entry)], _closing.Token);
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

    /// <summary>Fails the entries of a failed batch that must not wait, and keeps the rest for a retry.</summary>
    private void Recover(Exception exception, List<Pending> batch)
    {
        if (!_closing.IsCancellationRequested && !DatabaseFault.CanPass(exception))
        {
            try
            {
                Isolate(batch);
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

        log.LogError(exception, "The journal could not commit {Count} entries. New runs are refused, the rest is retried", batch.Count);
        var refused = batch.Where(pending => pending.Entry.IsNew).ToList();
        batch.RemoveAll(refused.Contains);
        FailAll(refused, _ => new EntryRefusedException(exception));
        if (batch.Count > 0)
        {
            _closing.Token.WaitHandle.WaitOne(RetryPause);
        }
    }

    /// <summary>
    /// At least one entry can never be written. Halves the batch until that entry is isolated and failed. Committed entries leave the
    /// batch; those the database refuses for now stay.
    /// </summary>
    private void Isolate(List<Pending> batch)
    {
        var parts = new Stack<Pending[]>([
            [.. batch],
        ]);
        while (parts.TryPop(out var part))
        {
            try
            {
                using var connection = connections.Open();
                Commit(connection, part);
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
        if (pending.Entry.IsNew && exception.IsConstraint())
        {
            pending.Done.SetResult(pending.Entry.Run.IdempotencyKey is null ? AppendResult.Refused : AppendResult.Duplicate);
            return;
        }

        log.LogError(exception, "An entry of run {Run} cannot be stored", pending.Entry.Run.Id);
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
