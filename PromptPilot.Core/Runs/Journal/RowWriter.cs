using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace PromptPilot.Core.Runs.Journal;

/// <summary>
/// A prepared command that writes one entity a call. SQL and conversions come from EF's model, so that it works on any provider; change
/// tracking, most of the cost of fifteen rows a run, is left out.
/// </summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private readonly DbCommand _command;
    private readonly Column[] _columns;
    private readonly DbParameter[] _guards;

    private RowWriter(DbCommand command, Column[] columns, DbParameter[] guards)
    {
        _command = command;
        _columns = columns;
        _guards = guards;
    }

    private sealed record Column(Func<object, object?> Read, Func<object?, object?>? Convert, DbParameter Parameter);

    /// <summary>INSERT of all stored columns.</summary>
    public static RowWriter Insert(DbContext db, Type entity)
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var properties = type.GetProperties().Where(property => property.GetComputedColumnSql() is null).ToArray();
        var command = db.Database.GetDbConnection().CreateCommand();
        var columns = properties.Select((property, index) => Bind(command, property, $"@p{index}")).ToArray();
        command.CommandText =
            $"INSERT INTO {sql.DelimitIdentifier(type.GetTableName()!)} ({string.Join(", ", properties.Select(property => sql.DelimitIdentifier(property.GetColumnName())))}) "
            + $"VALUES ({string.Join(", ", columns.Select(column => column.Parameter.ParameterName))})";
        return new RowWriter(command, columns, []);
    }

    /// <summary>UPDATE of the named columns, where the key matches and the guard columns have the given values.</summary>
    public static RowWriter Update(DbContext db, Type entity, IEnumerable<string> changed, IReadOnlyList<string> guards)
    {
        var type = db.Model.FindEntityType(entity)!;
        var sql = db.GetService<ISqlGenerationHelper>();
        var command = db.Database.GetDbConnection().CreateCommand();
        var columns = new List<Column>();
        var sets = new List<string>();
        foreach (var property in changed.Select(name => type.FindProperty(name)!))
        {
            columns.Add(Bind(command, property, $"@p{columns.Count}"));
            sets.Add($"{sql.DelimitIdentifier(property.GetColumnName())} = {columns[^1].Parameter.ParameterName}");
        }

        var key = type.FindPrimaryKey()!.Properties.Single();
        columns.Add(Bind(command, key, "@key"));
        var guardParameters = guards
            .Select(
                (_, index) =>
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = $"@guard{index}";
                    parameter.DbType = DbType.Int32;
                    command.Parameters.Add(parameter);
                    return parameter;
                }
            )
            .ToArray();
        var conditions = guards.Select(
            (name, index) => $"{sql.DelimitIdentifier(type.FindProperty(name)!.GetColumnName())} = @guard{index}"
        );
        command.CommandText =
            $"UPDATE {sql.DelimitIdentifier(type.GetTableName()!)} SET {string.Join(", ", sets)} "
            + $"WHERE {sql.DelimitIdentifier(key.GetColumnName())} = @key AND {string.Join(" AND ", conditions)}";
        return new RowWriter(command, [.. columns], guardParameters);
    }

    /// <summary>Writes one entity.</summary>
    /// <param name="guards">The values the guard columns must have, for updates.</param>
    /// <returns>Number of rows written.</returns>
    public Task<int> WriteAsync(object entity, DbTransaction transaction, params ReadOnlySpan<int> guards)
    {
        _command.Transaction = transaction;
        foreach (var column in _columns)
        {
            var value = column.Read(entity);
            column.Parameter.Value = (value is not null && column.Convert is { } convert ? convert(value) : value) ?? DBNull.Value;
        }

        for (var i = 0; i < _guards.Length; i++)
        {
            _guards[i].Value = guards[i];
        }

        return _command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private static Column Bind(DbCommand command, IProperty property, string name)
    {
        var mapping = property.GetRelationalTypeMapping();
        var parameter = mapping.CreateParameter(command, name, null, nullable: true);
        command.Parameters.Add(parameter);
        return new Column(
            property.GetGetter().GetClrValue,
            mapping.Converter is null ? null : mapping.Converter.ConvertToProvider,
            parameter
        );
    }
}
