using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>
/// Copies all rows of a SQLite database into an empty PostgreSQL database of the same schema, in one transaction: all of them, or none.
/// Afterwards it reads them back and compares.
/// </summary>
/// <param name="target">
/// Of PostgreSQL. EF looks at the constructors of all types, and would load PostgreSQL's client by its name on SQLite too.
/// </param>
/// <param name="progress">Takes a line for each table, and for each portion of a large one.</param>
internal sealed class PostgresCopy(DbConnection source, DbConnection target, IModel model, Action<string> progress)
{
    private const int Portion = 100_000;

    /// <summary>Copies, compares and commits.</summary>
    /// <returns>Null; or why nothing was copied.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var tables = InOrder([.. model.GetRelationalModel().Tables]).Select(table => new CopiedTable(table)).ToList();
        await using var transaction = await target.BeginTransactionAsync(cancellationToken);
        foreach (var table in tables)
        {
            if (await CountAsync(target, table, cancellationToken) > 0)
            {
                return $"The PostgreSQL database already has rows in {table.Name}. Copy into an empty database.";
            }
        }

        foreach (var table in tables)
        {
            var copied = await CopyAsync(table, cancellationToken);
            var read = await ReadBackAsync(table, cancellationToken);
            if (copied != read)
            {
                return $"The rows of {table.Name} differ after the copy: {copied.Rows:N0} were read and {read.Rows:N0} are stored. Nothing "
                    + "was copied. Please report this.";
            }

            await SetSequencesAsync(table, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Those that others refer to first. A table that refers to itself is checked when all its rows are there.</summary>
    internal static IReadOnlyList<ITable> InOrder(IReadOnlyCollection<ITable> tables)
    {
        var ordered = new List<ITable>();
        while (ordered.Count < tables.Count)
        {
            var next = tables
                .Where(table =>
                    !ordered.Contains(table)
                    && table.ForeignKeyConstraints.All(key => key.PrincipalTable == table || ordered.Contains(key.PrincipalTable))
                )
                .ToList();
            ordered.AddRange(next.Count > 0 ? next : throw new InvalidOperationException("Tables refer to each other in a cycle."));
        }

        return ordered;
    }

    /// <summary>In the order in which SQLite numbered the rows, because PostgreSQL numbers them as they come.</summary>
    private async Task<TableSum> CopyAsync(CopiedTable table, CancellationToken cancellationToken)
    {
        var total = await CountAsync(source, table, cancellationToken);
        var sum = default(TableSum);
        await using var command = source.CreateCommand();
        Set(command, $"SELECT {table.Columns} FROM {table.Name} ORDER BY rowid");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // Awaiting it would make a field of its type, which loads the client too.
        await using var writer = ((NpgsqlConnection)target).BeginBinaryImport(
            $"COPY {table.Name} ({table.Columns}) FROM STDIN (FORMAT BINARY)"
        );
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = table.FromSqlite(reader);
            sum = table.Add(sum, values);
            await table.WriteAsync(writer, values, cancellationToken);
            if (sum.Rows % Portion == 0)
            {
                progress(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {sum.Rows:N0} of {total:N0} rows"));
            }
        }

        await writer.CompleteAsync(cancellationToken);
        progress(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {sum.Rows:N0} rows"));
        return sum;
    }

    private async Task<TableSum> ReadBackAsync(CopiedTable table, CancellationToken cancellationToken)
    {
        var sum = default(TableSum);
        await using var command = target.CreateCommand();
        command.CommandTimeout = 0;
        Set(command, $"SELECT {table.Columns} FROM {table.Name}");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sum = table.Add(sum, table.FromPostgres(reader));
        }

        return sum;
    }

    /// <summary>The next number that PostgreSQL gives follows those that were copied.</summary>
    private async Task SetSequencesAsync(CopiedTable table, CancellationToken cancellationToken)
    {
        foreach (var column in table.Numbered)
        {
            await using var command = target.CreateCommand();
            Set(
                command,
                $"SELECT setval(pg_get_serial_sequence('{table.Name}', '{column}'), max(\"{column}\")) FROM {table.Name} "
                    + "HAVING count(*) > 0"
            );
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<long> CountAsync(DbConnection connection, CopiedTable table, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        Set(command, $"SELECT count(*) FROM {table.Name}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

#pragma warning disable CA2100 // Names come from the model, and no values.
    private static void Set(DbCommand command, string sql) => command.CommandText = sql;
#pragma warning restore CA2100
}
