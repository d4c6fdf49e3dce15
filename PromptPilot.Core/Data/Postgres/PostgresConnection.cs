using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Npgsql;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>The connection string of PostgreSQL: a secret. Whether it is set chooses the database.</summary>
public sealed class PostgresConnection : ISettingsCheck
{
    public const string Key = "PromptPilot:Database:Postgres";

    /// <summary><c>false</c>: a second host refuses to start on the same database.</summary>
    public const string SeveralHostsKey = "PromptPilot:Database:SeveralHosts";

    /// <summary>Leaves room for two hosts and an administrator in PostgreSQL's default of 100 connections.</summary>
    private const int MostConnections = 40;

    /// <summary>
    /// PostgreSQL ends what a client that is gone was doing, within seconds: a killed host would hold the write gate for as long as its
    /// statement runs.
    /// </summary>
    private static readonly (string Name, string Value)[] ServerOptions =
    [
        ("client_connection_check_interval", "1000"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
        // A host that is frozen inside a transaction must not keep holding its locks.
        ("idle_in_transaction_session_timeout", "15000"),
    ];

    public IReadOnlyList<string> Keys => [Key, SeveralHostsKey];

    /// <summary>The setting; null when the portal uses SQLite.</summary>
    public static string? Find(IConfiguration configuration) => configuration[Key] is { Length: > 0 } text ? text : null;

    /// <summary>The setting <see cref="SeveralHostsKey"/>.</summary>
    public static bool HasSeveralHosts(IConfiguration configuration) =>
        !bool.TryParse(configuration[SeveralHostsKey], out var several) || several;

    public IReadOnlyList<string> Errors(IConfiguration configuration) => Find(configuration) is { } text ? ErrorsOf(text) : [];

    /// <summary>The connection string with what the portal needs; what the operator chose is kept.</summary>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static string Complete(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder(text);
        SetUnlessChosen("Application Name", "PromptPilot");
        SetUnlessChosen("Maximum Pool Size", MostConnections);
        SetUnlessChosen("Keepalive", 30);
        SetUnlessChosen("Tcp Keepalive", true);
        connection.Options = string.Join(
            ' ',
            ServerOptions
                .Where(option => connection.Options?.Contains(option.Name, StringComparison.OrdinalIgnoreCase) != true)
                .Select(option => $"-c {option.Name}={option.Value}")
                .Prepend(connection.Options)
                .Where(option => !string.IsNullOrWhiteSpace(option))
        );
        return connection.ConnectionString;

        void SetUnlessChosen(string name, object value)
        {
            if (!connection.ShouldSerialize(name))
            {
                connection[name] = value;
            }
        }
    }

    /// <summary>A separate connection outside the pool, not yet open. It does not wait until a connection of the pool is free.</summary>
    internal static DbConnection Unpooled(PromptPilotDbContext db) =>
        new NpgsqlConnection(new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()) { Pooling = false }.ConnectionString);

    /// <summary>Says nothing of the value, which holds a password.</summary>
    private static string[] ErrorsOf(string text)
    {
        const string Example = "Example: Host=db.example.org;Database=promptpilot;Username=promptpilot;Password=…";
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrWhiteSpace(connection.Host) ? [$"{Key} has no host. {Example}"]
                : string.IsNullOrWhiteSpace(connection.Database) ? [$"{Key} has no database. {Example}"]
                : [];
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            return [$"{Key} is not a PostgreSQL connection string. {Example}"];
        }
    }
}
