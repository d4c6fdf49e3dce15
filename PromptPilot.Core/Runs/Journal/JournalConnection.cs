using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using SQLitePCL;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>The journal's own connection with its prepared statements and its transaction. Not thread-safe.</summary>
internal sealed class JournalConnection : IDisposable
{
    /// <summary>How long a commit waits while another program locks the database, in ms.</summary>
    private const int Patience = 30_000;

    /// <summary>
    /// Room for the ends of all indexes (8 MB, four times the usual), and a quarter of the checkpoints: pages that many commits change are
    /// copied into the database once. Neither changes what is on the disk after a commit.
    /// </summary>
    private const string Tuning = "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000";

    private readonly PromptPilotDbContext _db;
    private readonly HookOutbox _outbox;
    private readonly sqlite3 _handle;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly RowWriter _newRun;
    private readonly RowWriter _changedRun;
    private readonly RowWriter _runInFlight;
    private readonly RowWriter _event;
    private readonly RowWriter _log;
    private readonly RowWriter _delivery;

    private JournalConnection(PromptPilotDbContext db, HookOutbox outbox)
    {
        (_db, _outbox, _handle) = (db, outbox, RowWriter.HandleOf(db));
        raw.sqlite3_busy_timeout(_handle, Patience);
        raw.sqlite3_exec(_handle, Tuning);
        _begin = RowWriter.Prepare(_handle, "BEGIN IMMEDIATE");
        _commit = RowWriter.Prepare(_handle, "COMMIT");
        _newRun = RowWriter.Insert(db, typeof(WorkflowRun));
        string[] guards = [nameof(WorkflowRun.LeaseEpoch), nameof(WorkflowRun.LastSeq)];
        _changedRun = RowWriter.Update(db, typeof(WorkflowRun), RunProjection.Columns, guards);
        _runInFlight = RowWriter.Update(db, typeof(WorkflowRun), RunProjection.InFlight, guards);
        _event = RowWriter.Insert(db, typeof(RunEvent));
        _log = RowWriter.Insert(db, typeof(ExecutionLog));
        _delivery = RowWriter.Insert(db, typeof(HookDelivery));
    }

    /// <summary>True when rows of the outbox were written since it was last set to false.</summary>
    public bool HasDeliveries { get; set; }

    public static JournalConnection Open(IDbContextFactory<PromptPilotDbContext> contexts, HookOutbox outbox)
    {
        var db = contexts.CreateDbContext();
        try
        {
            db.Database.OpenConnection();
            return new JournalConnection(db, outbox);
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction. The caller holds the write gate.</summary>
    /// <exception cref="SqliteException">Another program locks the database, or it cannot be written to.</exception>
    public void Begin() => Execute(_begin);

    /// <summary>Commits. When this returns, the rows are on disk.</summary>
    /// <exception cref="SqliteException">Nothing was written.</exception>
    public void Commit() => Execute(_commit);

    /// <summary>Adds an entry to the transaction.</summary>
    public AppendResult Write(JournalEntry entry)
    {
        if (entry.IsNew)
        {
            if (entry.Run.ParentRunId is { } parentId && !_db.WorkflowRuns.Any(run => run.Id == parentId))
            {
                // It was deleted while its retry was made, and with it the results that this run refers to.
                return AppendResult.Refused;
            }

            _newRun.Write(entry.Run);
        }
        else if ((entry.IsInFlight ? _runInFlight : _changedRun).Write(entry.Run, entry.ExpectedEpoch, entry.ExpectedSeq) == 0)
        {
            return AppendResult.LeaseLost;
        }

        foreach (var row in EventRows.Pack(entry.Events))
        {
            _event.Write(row);
        }

        foreach (var log in entry.Logs)
        {
            _log.Write(log);
        }

        // Mostly answered from memory. Only hooks of the run's workflow are read, on this connection.
        foreach (var delivery in _outbox.FindAsync(_db, entry).AsTask().GetAwaiter().GetResult())
        {
            _delivery.Write(delivery);
            HasDeliveries = true;
        }

        return AppendResult.Committed;
    }

    /// <summary>Rolls back an open transaction, since the connection returns to its pool.</summary>
    public void Dispose()
    {
        foreach (var statement in new IDisposable[] { _begin, _commit, _newRun, _changedRun, _runInFlight, _event, _log, _delivery })
        {
            statement.Dispose();
        }

        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            raw.sqlite3_exec(_handle, "ROLLBACK");
        }

        _db.Dispose();
    }

    private void Execute(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        try
        {
            SqliteException.ThrowExceptionForRC(result, _handle);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }
}
