using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Integrations;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// A connection of PostgreSQL. A transaction takes two round trips, whatever its size: one for the rows of the runs, whose guards decide
/// about the rest, and one for everything else.
/// </summary>
internal sealed class PostgresJournalConnection : IJournalConnection
{
    private readonly PromptPilotDbContext _db;
    private readonly HookOutbox _outbox;
    private readonly NpgsqlConnection _connection;
    private readonly PostgresRowWriter _newRun;
    private readonly PostgresRowWriter _changedRun;
    private readonly PostgresRowWriter _runInFlight;
    private readonly PostgresRowWriter _event;
    private readonly PostgresRowWriter _log;
    private readonly PostgresRowWriter _delivery;

    public PostgresJournalConnection(PromptPilotDbContext db, HookOutbox outbox)
    {
        (_db, _outbox, _connection) = (db, outbox, (NpgsqlConnection)db.Database.GetDbConnection());
        // A repeated idempotency key must not end the transaction of everyone else in it.
        _newRun = PostgresRowWriter.Insert(db, typeof(WorkflowRun), "ON CONFLICT DO NOTHING");
        string[] guards = [nameof(WorkflowRun.LeaseEpoch), nameof(WorkflowRun.LastSeq)];
        _changedRun = PostgresRowWriter.Update(db, typeof(WorkflowRun), RunProjection.Columns, guards);
        _runInFlight = PostgresRowWriter.Update(db, typeof(WorkflowRun), RunProjection.InFlight, guards);
        _event = PostgresRowWriter.Insert(db, typeof(RunEvent));
        _log = PostgresRowWriter.Insert(db, typeof(ExecutionLog));
        _delivery = PostgresRowWriter.Insert(db, typeof(HookDelivery));
    }

    public bool HasDeliveries { get; set; }

    public AppendResult[] Commit(IReadOnlyList<JournalEntry> entries, CancellationToken closing)
    {
        var isWritten = WriteRuns(entries);
        var results = new AppendResult[entries.Count];
        using var rest = _connection.CreateBatch();
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = isWritten[i] ? AppendResult.Committed : FindOutcome(entries[i]);
            if (isWritten[i])
            {
                AddRest(rest, entries[i]);
            }
        }

        Add(rest, "COMMIT");
        rest.ExecuteNonQuery();
        return results;
    }

    /// <summary>The pool rolls back an open transaction.</summary>
    public void Dispose() => _db.Dispose();

    /// <summary>Begins the transaction and writes the rows of the runs.</summary>
    /// <returns>Which of them were written.</returns>
    private bool[] WriteRuns(IReadOnlyList<JournalEntry> entries)
    {
        var batch = _connection.CreateBatch();
        try
        {
            Add(batch, "BEGIN", PostgresLocks.Patience, PostgresLocks.Shared);
            var parents = entries.Select(ParentOf).OfType<string>().ToHashSet();
            if (parents.Count > 0)
            {
                // A parent that was deleted while its retry was made took the results that this run refers to with it.
                batch.ExecuteNonQuery();
                batch.Dispose();
                batch = _connection.CreateBatch();
                parents.ExceptWith(_db.WorkflowRuns.Where(run => parents.Contains(run.Id)).Select(run => run.Id));
            }

            var rows = entries.Select(entry => parents.Contains(ParentOf(entry) ?? "") ? null : RowOf(entry)).ToArray();
            foreach (var row in rows.OfType<NpgsqlBatchCommand>())
            {
                batch.BatchCommands.Add(row);
            }

            batch.ExecuteNonQuery();
            return [.. rows.Select(row => row is { RecordsAffected: > 0 })];
        }
        finally
        {
            batch.Dispose();
        }
    }

    private NpgsqlBatchCommand RowOf(JournalEntry entry) =>
        entry.IsNew
            ? _newRun.CommandFor(entry.Run)
            : (entry.IsInFlight ? _runInFlight : _changedRun).CommandFor(entry.Run, entry.ExpectedEpoch, entry.ExpectedSeq);

    /// <summary>Adds everything but the row of the run.</summary>
    private void AddRest(NpgsqlBatch batch, JournalEntry entry)
    {
        foreach (var row in EventRows.Pack(entry.Events))
        {
            batch.BatchCommands.Add(_event.CommandFor(row));
        }

        foreach (var log in entry.Logs)
        {
            batch.BatchCommands.Add(_log.CommandFor(log));
        }

        if (entry.Signals.Count > 0)
        {
            var delete = new NpgsqlBatchCommand("DELETE FROM \"RunSignals\" WHERE \"Id\" = ANY($1)");
            delete.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. entry.Signals] });
            batch.BatchCommands.Add(delete);
        }

        // Mostly answered from memory. Only hooks of the run's workflow are read, on this connection.
        foreach (var delivery in _outbox.FindAsync(_db, entry).AsTask().GetAwaiter().GetResult())
        {
            batch.BatchCommands.Add(_delivery.CommandFor(delivery));
            HasDeliveries = true;
        }
    }

    /// <summary>Why the row of a run was not written.</summary>
    private AppendResult FindOutcome(JournalEntry entry)
    {
        if (IsThere(entry))
        {
            // The connection was lost at the end of a commit that had reached the disk, and this is its second try.
            return AppendResult.Committed;
        }

        return !entry.IsNew ? AppendResult.LeaseLost
            : entry.Run.IdempotencyKey is null ? AppendResult.Refused
            : AppendResult.Duplicate;
    }

    private bool IsThere(JournalEntry entry) =>
        entry.Events is [var first, ..]
        && _db.RunEvents.Any(stored =>
            stored.RunId == first.RunId && stored.Seq == first.Seq && stored.Type == first.Type && stored.At == first.At
        );

    private static string? ParentOf(JournalEntry entry) => entry.IsNew ? entry.Run.ParentRunId : null;

    private static void Add(NpgsqlBatch batch, params ReadOnlySpan<string> statements)
    {
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }
    }
}
