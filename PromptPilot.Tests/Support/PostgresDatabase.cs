using System.Collections.Concurrent;
using Npgsql;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Tests.Support;

/// <summary>
/// Databases of PostgreSQL, each for the SQLite file that it replaces. Used where <c>PROMPTPILOT_TEST_POSTGRES</c> has the connection
/// string of an account that may create databases, as in <c>./test.sh --postgres</c>.
/// </summary>
internal static class PostgresDatabase
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("PROMPTPILOT_TEST_POSTGRES");
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Made = [];

    /// <summary>Whether the tests run on PostgreSQL.</summary>
    public static bool IsUsed => !string.IsNullOrEmpty(Server);

    /// <summary>The connection string of the database in place of a file. The first to ask makes it.</summary>
    /// <param name="template">The database to copy, which no one may be connected to; null: an empty one.</param>
    public static Task<string> InPlaceOfAsync(string file, string? template) =>
        Made.GetOrAdd(file, new Lazy<Task<string>>(() => CreateAsync(template))).Value;

    public static async Task<string> CreateAsync(string? template)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"} STRATEGY FILE_COPY");
        return new NpgsqlConnectionStringBuilder(Server)
        {
            Database = name,
            // Many hosts run at the same time.
            MaxPoolSize = 20,
            ConnectionIdleLifetime = 2,
            ConnectionPruningInterval = 1,
            IncludeErrorDetail = true,
        }.ConnectionString;
    }

    /// <summary>Drops the database in place of a file, if there is one.</summary>
    public static async Task DropAsync(string file)
    {
        if (Made.TryRemove(file, out var made))
        {
            var connection = await made.Value;
            await using (var pool = new NpgsqlConnection(PostgresConnection.Complete(connection)))
            {
                NpgsqlConnection.ClearPool(pool);
            }

            await ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connection).Database} WITH (FORCE)");
        }
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Server);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name is our own.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
