using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Integrations;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>The journal's own connection to one kind of database. Not thread-safe.</summary>
internal interface IJournalConnection : IDisposable
{
    /// <summary>True when rows of the outbox were written since it was last set to false.</summary>
    bool HasDeliveries { get; set; }

    /// <summary>
    /// Writes entries in one transaction, while no one deletes what they refer to. When this returns, the rows are on disk. When it throws,
    /// nothing was written, and the connection must be disposed.
    /// </summary>
    /// <param name="closing">Ends a wait for the write gate.</param>
    /// <returns>The outcome of each entry.</returns>
    AppendResult[] Commit(IReadOnlyList<JournalEntry> entries, CancellationToken closing);
}

/// <summary>Opens journal connections to the database that the portal uses.</summary>
internal sealed class JournalConnections(IDbContextFactory<PromptPilotDbContext> contexts, WriteGate gate, HookOutbox outbox)
{
    public IJournalConnection Open()
    {
        var db = contexts.CreateDbContext();
        try
        {
            db.Database.OpenConnection();
            return db is PostgresPromptPilotDbContext
                ? new PostgresJournalConnection(db, outbox)
                : new SqliteJournalConnection(db, gate, outbox);
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }
}
