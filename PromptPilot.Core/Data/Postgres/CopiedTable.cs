using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using NpgsqlTypes;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>A table of both databases: how the values that SQLite has in each column become PostgreSQL's.</summary>
internal sealed class CopiedTable
{
    private readonly Column[] _columns;

    public CopiedTable(ITable table)
    {
        Name = $"\"{table.Name}\"";
        var copied = table
            .Columns.Where(column => column.ComputedColumnSql is null && column.Name != PostgresPromptPilotDbContext.RowNumberColumn)
            .ToList();
        _columns = [.. copied.Select(column => new Column(column.Name, (int)TypeOf(column.StoreType)))];
        Columns = string.Join(", ", _columns.Select(column => $"\"{column.Name}\""));
        Numbered =
        [
            .. copied.Where(column => column.PropertyMappings.Any(mapping => IsNumbered(mapping.Property))).Select(column => column.Name),
        ];
    }

    /// <param name="TypeNumber">
    /// Of <see cref="NpgsqlDbType"/>. EF looks at the constructors of all types, and would load PostgreSQL's client by its name on SQLite
    /// too.
    /// </param>
    private sealed record Column(string Name, int TypeNumber)
    {
        public NpgsqlDbType Type => (NpgsqlDbType)TypeNumber;
    }

    /// <summary>Quoted.</summary>
    public string Name { get; }

    /// <summary>Quoted names of the columns that are copied; the database computes the others.</summary>
    public string Columns { get; }

    /// <summary>Names of the columns that the database numbers.</summary>
    public IReadOnlyList<string> Numbered { get; }

    public object?[] FromSqlite(DbDataReader reader)
    {
        var values = new object?[_columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.IsDBNull(i) ? null : Convert(reader, i, _columns[i].Type);
        }

        return values;
    }

    public object?[] FromPostgres(DbDataReader reader)
    {
        var values = new object?[_columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        }

        return values;
    }

    public async Task WriteAsync(NpgsqlBinaryImporter writer, object?[] values, CancellationToken cancellationToken)
    {
        await writer.StartRowAsync(cancellationToken);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                await writer.WriteAsync(value, _columns[i].Type, cancellationToken);
            }
            else
            {
                await writer.WriteNullAsync(cancellationToken);
            }
        }
    }

    /// <summary>Adds a row to what is compared after the copy.</summary>
    public TableSum Add(TableSum sum, object?[] values) =>
        sum.With(values.Select((value, at) => value is string json && _columns[at].Type == NpgsqlDbType.Jsonb ? Sorted(json) : value));

    /// <summary>PostgreSQL writes JSON in its own way.</summary>
    private static string Sorted(string json) => Sorted(JsonElement.Parse(json));

    private static string Sorted(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => "{"
                + string.Join(
                    ',',
                    json.EnumerateObject()
                        .OrderBy(member => member.Name, StringComparer.Ordinal)
                        .Select(member => $"{member.Name}:{Sorted(member.Value)}")
                )
                + "}",
            JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Sorted))}]",
            _ => json.ToString(),
        };

    private static object Convert(DbDataReader reader, int at, NpgsqlDbType type) =>
        type switch
        {
            // SQLite kept texts that PostgreSQL refuses.
            NpgsqlDbType.Text or NpgsqlDbType.Jsonb => Unicode.WellFormed(reader.GetString(at)),
            NpgsqlDbType.Integer => checked((int)reader.GetInt64(at)),
            NpgsqlDbType.Bigint => reader.GetInt64(at),
            NpgsqlDbType.Boolean => reader.GetInt64(at) != 0,
            NpgsqlDbType.Double => reader.GetDouble(at),
            NpgsqlDbType.Bytea => (byte[])reader.GetValue(at),
            NpgsqlDbType.TimestampTz => TimeOf(reader.GetString(at)),
            _ => JsonSerializer.Deserialize<string[]>(reader.GetString(at))!.Select(Unicode.WellFormed).ToArray(),
        };

    private static DateTime TimeOf(string text)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return MicrosecondClock.Cut(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, Utc)).UtcDateTime;
    }

    private static NpgsqlDbType TypeOf(string storeType) =>
        storeType switch
        {
            "text" => NpgsqlDbType.Text,
            "jsonb" => NpgsqlDbType.Jsonb,
            "integer" => NpgsqlDbType.Integer,
            "bigint" => NpgsqlDbType.Bigint,
            "boolean" => NpgsqlDbType.Boolean,
            "double precision" => NpgsqlDbType.Double,
            "bytea" => NpgsqlDbType.Bytea,
            "timestamp with time zone" => NpgsqlDbType.TimestampTz,
            "text[]" => NpgsqlDbType.Array | NpgsqlDbType.Text,
            _ => throw new NotSupportedException($"Columns of type {storeType} cannot be copied yet."),
        };

    private static bool IsNumbered(IProperty property) =>
        NpgsqlPropertyExtensions.GetValueGenerationStrategy(property)
            is NpgsqlValueGenerationStrategy.IdentityByDefaultColumn
                or NpgsqlValueGenerationStrategy.IdentityAlwaysColumn;
}
