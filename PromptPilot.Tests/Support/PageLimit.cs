using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace PromptPilot.Tests.Support;

/// <summary>
/// Makes the database full and gives space back, as a disk would: by SQLite's <c>max_page_count</c>, which is the connection's, so it is
/// set whenever a connection is opened or a transaction starts, and at once on the journal's, which stays open.
/// </summary>
internal sealed class PageLimit : DbTransactionInterceptor, IDbConnectionInterceptor
{
    private const long NoLimit = 4_294_967_294;

    private readonly ConcurrentDictionary<DbConnection, byte> _open = [];
    private long _pages = NoLimit;

    /// <summary>The database may not grow by a page from here on.</summary>
    public void Squeeze() => Set(1); // SQLite makes it the present size.

    public void Relax() => Set(NoLimit);

    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        _open[connection] = 0;
        Apply(connection);
    }

    public InterceptionResult ConnectionClosing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        _open.TryRemove(connection, out _);
        return result;
    }

    public ValueTask<InterceptionResult> ConnectionClosingAsync(
        DbConnection connection,
        ConnectionEventData eventData,
        InterceptionResult result
    ) => ValueTask.FromResult(ConnectionClosing(connection, eventData, result));

    public Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }

    public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default
    )
    {
        Apply(connection);
        return ValueTask.FromResult(result);
    }

    private void Set(long pages)
    {
        Interlocked.Exchange(ref _pages, pages);
        foreach (var connection in _open.Keys)
        {
            Apply(connection);
        }
    }

    private void Apply(DbConnection connection)
    {
        // Not by a command: another thread may be using the connection, which SQLite allows and ADO.NET does not.
        if (((SqliteConnection)connection).Handle is { } handle)
        {
            raw.sqlite3_exec(handle, $"PRAGMA max_page_count = {Interlocked.Read(ref _pages)}");
        }
    }
}
