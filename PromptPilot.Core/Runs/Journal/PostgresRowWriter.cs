using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// Makes the command that writes one entity. Columns and conversions come from EF's model, so a changed entity needs no change here.
/// </summary>
internal sealed class PostgresRowWriter
{
    /// <summary>Types its parameters, and is never executed.</summary>
    private static readonly NpgsqlCommand ParameterFactory = new();

    private readonly string _sql;
    private readonly Column[] _columns;

    private PostgresRowWriter(string sql, IEnumerable<IProperty> columns)
    {
        _sql = sql;
        _columns =
        [
            .. columns.Select(property => new Column(
                property.GetGetter().GetClrValue,
                property.GetRelationalTypeMapping(),
                property.IsNullable
            )),
        ];
    }

    private sealed record Column(Func<object, object?> Read, RelationalTypeMapping Type, bool IsNullable);

    /// <summary>INSERT of all columns that the database does not compute.</summary>
    /// <param name="onConflict">What to do with a row that breaks a unique index; empty: the transaction fails.</param>
    public static PostgresRowWriter Insert(DbContext db, Type entity, string onConflict = "")
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var properties = type.GetProperties().Where(property => !property.IsShadowProperty()).ToArray();
        var names = properties.Select(property => sql.DelimitIdentifier(property.GetColumnName()));
        return new PostgresRowWriter(
            $"INSERT INTO {sql.DelimitIdentifier(type.GetTableName()!)} ({string.Join(", ", names)}) "
                + $"VALUES ({string.Join(", ", properties.Select((_, index) => $"${index + 1}"))}) {onConflict}",
            properties
        );
    }

    /// <summary>UPDATE of the named columns, where the key matches and the guard columns have the given values.</summary>
    public static PostgresRowWriter Update(DbContext db, Type entity, IEnumerable<string> changed, IReadOnlyList<string> guards)
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var properties = changed.Select(name => type.FindProperty(name)!).Append(type.FindPrimaryKey()!.Properties.Single()).ToArray();
        var terms = properties
            .Concat(guards.Select(name => type.FindProperty(name)!))
            .Select((property, index) => $"{sql.DelimitIdentifier(property.GetColumnName())} = ${index + 1}")
            .ToArray();
        return new PostgresRowWriter(
            $"UPDATE {sql.DelimitIdentifier(type.GetTableName()!)} SET {string.Join(", ", terms[..(properties.Length - 1)])} "
                + $"WHERE {string.Join(" AND ", terms[(properties.Length - 1)..])}",
            properties
        );
    }

    /// <summary>The command for one entity.</summary>
    /// <param name="guards">The values the guard columns must have, for updates.</param>
    public NpgsqlBatchCommand CommandFor(object entity, params ReadOnlySpan<int> guards)
    {
        var command = new NpgsqlBatchCommand(_sql);
        foreach (var column in _columns)
        {
            var parameter = column.Type.CreateParameter(ParameterFactory, "", column.Read(entity), column.IsNullable);
            if (parameter.Value is string text)
            {
                // A run must not end for a character of a model's.
                parameter.Value = Unicode.WellFormed(text);
            }

            command.Parameters.Add((NpgsqlParameter)parameter);
        }

        foreach (var guard in guards)
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = guard });
        }

        return command;
    }
}
