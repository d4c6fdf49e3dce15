using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using SQLitePCL;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>Its prepared statements on a connection of SQLite.</summary>
internal sealed class SqliteJournalConnection : IJournalConnection
{
    /// <summary>How long a commit waits while another program locks the database, in ms.</summary>
    private const int Patience = 30_000;

    /// <summary>
    /// Room for the ends of all indexes (8 MB, four times the usual), and a quarter of the checkpoints: pages that many commits change are
    /// copied into the database once. Neither changes what is on the disk after a commit.
    /// </summary>
    private const string Tuning = "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000";

    private readonly PromptPilotDbContext _db;
    private readonly WriteGate _gate;
    private readonly HookOutbox _outbox;
    private readonly sqlite3 _handle;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly SqliteRowWriter _newRun;
    private readonly SqliteRowWriter _changedRun;
    private readonly SqliteRowWriter _runInFlight;
    private readonly SqliteRowWriter _event;
    private readonly SqliteRowWriter _log;
    private readonly SqliteRowWriter _delivery;

    public SqliteJournalConnection(PromptPilotDbContext db, WriteGate gate, HookOutbox outbox)
    {
        (_db, _gate, _outbox, _handle) = (db, gate, outbox, SqliteRowWriter.HandleOf(db));
        raw.sqlite3_busy_timeout(_handle, Patience);
        raw.sqlite3_exec(_handle, Tuning);
        _begin = SqliteRowWriter.Prepare(_handle, "BEGIN IMMEDIATE");
        _commit = SqliteRowWriter.Prepare(_handle, "COMMIT");
        _newRun = SqliteRowWriter.Insert(db, typeof(WorkflowRun));
        string[] guards = [nameof(WorkflowRun.LeaseEpoch), nameof(WorkflowRun.LastSeq)];
        _changedRun = SqliteRowWriter.Update(db, typeof(WorkflowRun), RunProjection.Columns, guards);
        _runInFlight = SqliteRowWriter.Update(db, typeof(WorkflowRun), RunProjection.InFlight, guards);
        _event = SqliteRowWriter.Insert(db, typeof(RunEvent));
        _log = SqliteRowWriter.Insert(db, typeof(ExecutionLog));
        _delivery = SqliteRowWriter.Insert(db, typeof(HookDelivery));
    }

    public bool HasDeliveries { get; set; }

    public AppendResult[] Commit(IReadOnlyList<JournalEntry> entries, CancellationToken closing)
    {
        var results = new AppendResult[entries.Count];
        using var hold =
            _gate.TryEnter(nameof(RunJournal)) ?? _gate.EnterAsync(nameof(RunJournal), closing).AsTask().GetAwaiter().GetResult();
        Execute(_begin);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = Write(entries[i]);
        }

        Execute(_commit);
        return results;
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

    private AppendResult Write(JournalEntry entry)
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
