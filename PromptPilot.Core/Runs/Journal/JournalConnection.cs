using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>The journal's own connection with its prepared commands.</summary>
internal sealed class JournalConnection : IAsyncDisposable
{
    private readonly RowWriter _newRun;
    private readonly RowWriter _changedRun;
    private readonly RowWriter _event;
    private readonly RowWriter _log;
    private readonly RowWriter _delivery;
    private readonly HookOutbox _outbox;

    private JournalConnection(PromptPilotDbContext db, HookOutbox outbox)
    {
        Db = db;
        _outbox = outbox;
        _newRun = RowWriter.Insert(db, typeof(WorkflowRun));
        _changedRun = RowWriter.Update(
            db,
            typeof(WorkflowRun),
            RunProjection.Columns,
            guards: [nameof(WorkflowRun.LeaseEpoch), nameof(WorkflowRun.LastSeq)]
        );
        _event = RowWriter.Insert(db, typeof(RunEvent));
        _log = RowWriter.Insert(db, typeof(ExecutionLog));
        _delivery = RowWriter.Insert(db, typeof(HookDelivery));
    }

    public PromptPilotDbContext Db { get; }

    /// <summary>True when rows of the outbox were written since it was last set to false.</summary>
    public bool HasDeliveries { get; set; }

    public static async Task<JournalConnection> OpenAsync(IDbContextFactory<PromptPilotDbContext> contexts, HookOutbox outbox)
    {
        var db = await contexts.CreateDbContextAsync();
        await db.Database.OpenConnectionAsync();
        return new JournalConnection(db, outbox);
    }

    public async Task<AppendResult> WriteAsync(JournalEntry entry, DbTransaction transaction)
    {
        if (entry.IsNew)
        {
            if (entry.Run.ParentRunId is { } parentId && !await Db.WorkflowRuns.AnyAsync(run => run.Id == parentId))
            {
                // It was deleted while its retry was made, and with it the results that this run refers to.
                return AppendResult.Refused;
            }

            await _newRun.WriteAsync(entry.Run, transaction);
        }
        else if (await _changedRun.WriteAsync(entry.Run, transaction, entry.ExpectedEpoch, entry.ExpectedSeq) == 0)
        {
            return AppendResult.LeaseLost;
        }

        foreach (var runEvent in entry.Events)
        {
            await _event.WriteAsync(runEvent, transaction);
        }

        foreach (var log in entry.Logs)
        {
            await _log.WriteAsync(log, transaction);
        }

        foreach (var delivery in await _outbox.FindAsync(Db, entry))
        {
            await _delivery.WriteAsync(delivery, transaction);
            HasDeliveries = true;
        }

        return AppendResult.Committed;
    }

    public async ValueTask DisposeAsync()
    {
        await _newRun.DisposeAsync();
        await _changedRun.DisposeAsync();
        await _event.DisposeAsync();
        await _log.DisposeAsync();
        await _delivery.DisposeAsync();
        await Db.DisposeAsync();
    }
}
