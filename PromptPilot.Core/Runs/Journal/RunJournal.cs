using Microsoft.EntityFrameworkCore;
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
    private readonly JournalWriter _writer = new(new JournalConnections(contexts, gate, outbox), outbox, log);

    /// <summary>Commits an entry, together with others that wait.</summary>
    /// <remarks>A new run is refused when the database cannot take it; entries of an accepted run are retried until it can.</remarks>
    /// <exception cref="EntryRefusedException">The entry is of a new run, and the database cannot accept new runs right now.</exception>
    /// <exception cref="EntryUnwritableException">It can never be written.</exception>
    /// <exception cref="JournalClosedException">The host has stopped.</exception>
    internal Task<AppendResult> AppendAsync(JournalEntry entry) => _writer.AppendAsync(entry);

    /// <summary>Extends the leases of the only host's runs.</summary>
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
    /// <returns>The number of entries.</returns>
    internal Task<int> DeleteCallsAsync(IReadOnlyList<string> logIds, CancellationToken cancellationToken) =>
        InTransactionAsync(
            db => RunDeletion.DeleteCallsAsync(db, logIds, time.GetUtcNow().UtcDateTime, cancellationToken),
            cancellationToken
        );

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task<T> InTransactionAsync<T>(Func<PromptPilotDbContext, Task<T>> write, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await gate.BeginAsync(db, cancellationToken);
        var result = await write(db);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }
}
