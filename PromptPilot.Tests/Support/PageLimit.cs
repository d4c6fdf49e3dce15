using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PromptPilot.Tests.Support;

/// <summary>
/// Makes the database full and gives space back, as a disk would: by SQLite's <c>max_page_count</c>, which is the connection's, so it is
/// set whenever a connection is opened or a transaction starts.
/// </summary>
internal sealed class PageLimit : DbTransactionInterceptor, IDbConnectionInterceptor
{
    private const long NoLimit = 4_294_967_294;

    private long _pages = NoLimit;

    /// <summary>The database may not grow by a page from here on.</summary>
    public void Squeeze() => Interlocked.Exchange(ref _pages, 1); // SQLite makes it the present size.

    public void Relax() => Interlocked.Exchange(ref _pages, NoLimit);

    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public Task ConnectionOpenedAsync(
        DbConnection connection,
        ConnectionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Apply(connection);
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

    private void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA max_page_count = {Interlocked.Read(ref _pages)}";
        command.ExecuteScalar();
    }
}
