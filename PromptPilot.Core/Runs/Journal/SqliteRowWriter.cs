using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using PromptPilot.Core.Shared;
using SQLitePCL;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// A prepared statement that writes one entity per call. Columns and conversions come from EF's model, so a changed entity needs no change
/// here. It avoids change tracking and ADO.NET commands, which are most of the cost of a row. Not thread-safe.
/// </summary>
internal sealed class SqliteRowWriter : IDisposable
{
    /// <summary>The format of EF's SQLite provider, which reads and compares these times.</summary>
    private const string TimeFormat = @"yyyy\-MM\-dd HH\:mm\:ss.FFFFFFF";

    /// <summary>In characters.</summary>
    private const int LongText = 16 * 1024;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Column[] _columns;

    private SqliteRowWriter(sqlite3 database, string sql, Column[] columns)
    {
        (_database, _columns) = (database, columns);
        _statement = Prepare(database, sql);
    }

    private sealed record Column(Func<object, object?> Read, Func<object?, object?>? Convert);

    /// <summary>INSERT of all stored columns.</summary>
    public static SqliteRowWriter Insert(DbContext db, Type entity)
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var properties = type.GetProperties().Where(property => property.GetComputedColumnSql() is null).ToArray();
        var names = properties.Select(property => sql.DelimitIdentifier(property.GetColumnName()));
        return new SqliteRowWriter(
            HandleOf(db),
            $"INSERT INTO {sql.DelimitIdentifier(type.GetTableName()!)} ({string.Join(", ", names)}) "
                + $"VALUES ({string.Join(", ", properties.Select((_, index) => $"?{index + 1}"))})",
            [.. properties.Select(ColumnOf)]
        );
    }

    /// <summary>UPDATE of the named columns, where the key matches and the guard columns have the given values.</summary>
    public static SqliteRowWriter Update(DbContext db, Type entity, IEnumerable<string> changed, IReadOnlyList<string> guards)
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var properties = changed.Select(name => type.FindProperty(name)!).Append(type.FindPrimaryKey()!.Properties.Single()).ToArray();
        var terms = properties
            .Concat(guards.Select(name => type.FindProperty(name)!))
            .Select((property, index) => $"{sql.DelimitIdentifier(property.GetColumnName())} = ?{index + 1}")
            .ToArray();
        return new SqliteRowWriter(
            HandleOf(db),
            $"UPDATE {sql.DelimitIdentifier(type.GetTableName()!)} SET {string.Join(", ", terms[..(properties.Length - 1)])} "
                + $"WHERE {string.Join(" AND ", terms[(properties.Length - 1)..])}",
            [.. properties.Select(ColumnOf)]
        );
    }

    /// <summary>Writes one entity.</summary>
    /// <param name="guards">The values the guard columns must have, for updates.</param>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="SqliteException">The database refuses the row.</exception>
    public int Write(object entity, params ReadOnlySpan<int> guards)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            var value = _columns[i].Read(entity);
            Bind(i + 1, value is not null && _columns[i].Convert is { } convert ? convert(value) : value);
        }

        for (var i = 0; i < guards.Length; i++)
        {
            raw.sqlite3_bind_int(_statement, _columns.Length + i + 1, guards[i]);
        }

        var result = raw.sqlite3_step(_statement);
        try
        {
            SqliteException.ThrowExceptionForRC(result, _database);
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            // Releases large texts with the row.
            raw.sqlite3_reset(_statement);
            raw.sqlite3_clear_bindings(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    internal static sqlite3 HandleOf(DbContext db) => ((SqliteConnection)db.Database.GetDbConnection()).Handle!;

    internal static sqlite3_stmt Prepare(sqlite3 database, string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        return statement;
    }

    private static Column ColumnOf(IProperty property) =>
        new(
            property.GetGetter().GetClrValue,
            property.GetRelationalTypeMapping().Converter is { } converter ? converter.ConvertToProvider : null
        );

    private void Bind(int index, object? value)
    {
        var result = value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            string text => BindText(index, text),
            int number => raw.sqlite3_bind_int64(_statement, index, number),
            long number => raw.sqlite3_bind_int64(_statement, index, number),
            bool flag => raw.sqlite3_bind_int64(_statement, index, flag ? 1 : 0),
            DateTime time => BindText(index, time.ToString(TimeFormat, CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"The journal cannot write a {value.GetType().Name}."),
        };
        SqliteException.ThrowExceptionForRC(result, _database);
    }

    private int BindText(int index, string text)
    {
        // A run must not end for a character of a model's.
        text = Unicode.WellFormed(text);
        if (text.Length == 0)
        {
            // An empty span would bind as NULL.
            return raw.sqlite3_bind_text(_statement, index, text);
        }

        // The exact size of a long text is worth a pass over it: the most it could need is three times as much.
        var size = text.Length < LongText ? Encoding.UTF8.GetMaxByteCount(text.Length) : Encoding.UTF8.GetByteCount(text);
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            return raw.sqlite3_bind_text(_statement, index, bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
