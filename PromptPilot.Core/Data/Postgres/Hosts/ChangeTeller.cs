using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// Notifies other hosts of EF's writes, in the same transaction, so that they are notified exactly when the change can be read. The server
/// merges equal notifications of a transaction. The journal does not write through EF and sends none: one in each of its commits would
/// cost two thirds of the throughput.
/// </summary>
internal sealed class ChangeTeller(HostIdentity identity, IEnumerable<ForeignChange> changes) : DbCommandInterceptor
{
    private readonly string _id = identity.Id.Replace("'", "''", StringComparison.Ordinal).Replace(' ', '-');
    private readonly (string Table, string Quoted)[] _tables =
    [
        .. changes.Select(change => change.Table).Distinct().Select(table => (table, $"\"{table}\"")),
    ];

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result
    )
    {
        Tell(command, eventData.CommandSource);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default
    )
    {
        Tell(command, eventData.CommandSource);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Tell(command, eventData.CommandSource);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        Tell(command, eventData.CommandSource);
        return ValueTask.FromResult(result);
    }

    private void Tell(DbCommand command, CommandSource source)
    {
        if (source is CommandSource.SaveChanges or CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete)
        {
            // A statement without a result, sent with the others: it needs no round trip, and is atomic even without a transaction.
            var tables = _tables.Where(table => command.CommandText.Contains(table.Quoted, StringComparison.Ordinal));
            var payload = string.Join(' ', tables.Select(table => table.Table).Prepend(_id));
#pragma warning disable CA2100 // The payload is the quoted machine name and table names.
            command.CommandText = $"{command.CommandText.TrimEnd(';', '\n', '\r', ' ')};\nNOTIFY {ForeignData.Channel}, '{payload}'";
#pragma warning restore CA2100
        }
    }
}
