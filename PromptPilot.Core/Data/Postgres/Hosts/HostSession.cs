using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// The one connection that a host keeps for as long as it lives, outside of the pool. Its end, in any way, releases the locks of the host.
/// Only one caller at a time uses it: first the start, then <see cref="HostMembership"/>.
/// No constructor of this folder takes a type of Npgsql and no method awaits one: EF looks at all types of this assembly, and would load
/// the library on SQLite too.
/// </summary>
public sealed class HostSession(IDbContextFactory<PromptPilotDbContext> contexts, HostIdentity identity) : IDisposable
{
    /// <summary>Commands of the session are small: one that takes longer has lost its connection.</summary>
    private const int LongestCommand = 5;

    private readonly ConcurrentQueue<(string Channel, string Payload)> _notifications = new();

    private NpgsqlConnection? _connection;
    private int _number;
    private string _version = "";
    private string _schema = "";

    internal bool IsRegistered => _number > 0;

    /// <summary>The open connection.</summary>
    internal DbConnection Connection => _connection ?? throw new InvalidOperationException("The session is not open.");

    /// <summary>The row goes with the host, so that others need not wait for the end of its lease.</summary>
    public void Dispose()
    {
        using var connection = _connection;
        _connection = null;
        if (connection is null || !IsRegistered)
        {
            return;
        }

        try
        {
            using var command = Command(connection, HostTable.Remove);
            command.ExecuteNonQuery();
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // The database is gone. The lease ends by itself.
        }
    }

    /// <summary>Opens the connection anew.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        var connection = Connect();
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        Close();
        _notifications.Clear();
        _connection = (NpgsqlConnection)connection;
        _connection.Notification += (_, heard) => _notifications.Enqueue((heard.Channel, heard.Payload));
    }

    /// <summary>Gives the connection away, open as it is.</summary>
    internal DbConnection Release()
    {
        var connection = Connection;
        _connection = null;
        return connection;
    }

    /// <summary>Has the server send notifications of these channels.</summary>
    internal Task ListenAsync(IEnumerable<string> channels, CancellationToken cancellationToken) =>
        ExecuteAsync(string.Join(';', channels.Select(channel => $"LISTEN {channel}")), cancellationToken);

    /// <summary>The next notification that has come.</summary>
    internal bool TryHear(out string channel, out string payload)
    {
        var has = _notifications.TryDequeue(out var next);
        (channel, payload) = next;
        return has;
    }

    internal void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>A connection beside the session, not open.</summary>
    internal DbConnection Connect()
    {
        using var db = contexts.CreateDbContext();
        return new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()) { Pooling = false }.ConnectionString
        );
    }

    /// <summary>Closes the idle connections of the pool, which may be as dead as the session is.</summary>
    internal void ClearPool()
    {
        using var db = contexts.CreateDbContext();
        using var pooled = new NpgsqlConnection(db.Database.GetConnectionString());
        NpgsqlConnection.ClearPool(pooled);
    }

    /// <summary>Enters this host, with a lease, and takes the lock of its number.</summary>
    internal async Task RegisterAsync(string version, string schema, CancellationToken cancellationToken)
    {
        (_version, _schema) = (version, schema);
        await ExecuteAsync(HostTable.Clean, cancellationToken);
        await using (var add = Command(Connection, HostTable.Add))
        {
            Set(add, "name", identity.Name);
            Set(add, "version", version);
            Set(add, "schema", schema);
            _number = (int)(await add.ExecuteScalarAsync(cancellationToken))!;
        }

        await ReadAsync<bool>(HostTable.TryLock, cancellationToken);
    }

    /// <summary>Takes the lock of this host again, with a new connection. Its older session may still hold it: that one ends now.</summary>
    /// <returns>False if the older session has not ended yet.</returns>
    internal async Task<bool> TryReturnAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync<bool>(HostTable.TryLock, cancellationToken))
        {
            return true;
        }

        await ExecuteAsync(HostTable.EndOldSessions, cancellationToken);
        return false;
    }

    /// <summary>Renews the lease. Once it is done, this connection has received all notifications that were sent before.</summary>
    internal async Task RenewAsync(int? lastRoundTrip, string? redis, CancellationToken cancellationToken)
    {
        await using (var renew = Command(Connection, HostTable.Renew))
        {
            Set(renew, "roundTrip", lastRoundTrip);
            Set(renew, "redis", redis);
            if (await renew.ExecuteScalarAsync(cancellationToken) is true)
            {
                return;
            }
        }

        await RegisterAsync(_version, _schema, cancellationToken);
    }

    /// <summary>Other living hosts, those with a session first.</summary>
    internal async Task<IReadOnlyList<OtherHost>> ListOthersAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(Connection, HostTable.Others);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var others = new List<OtherHost>();
        while (await reader.ReadAsync(cancellationToken))
        {
            others.Add(new OtherHost(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
        }

        return others;
    }

    internal async Task<T> ReadAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(Connection, sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(Connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Waits for a message of the server, such as a notification, no longer than <paramref name="limit"/>.</summary>
    internal Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        ((NpgsqlConnection)Connection).WaitAsync(limit, cancellationToken);

    private DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this folder.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = LongestCommand;
        foreach (var (name, value) in new (string, object)[] { ("id", identity.Id), ("number", _number) })
        {
            if (sql.Contains($"@{name}", StringComparison.Ordinal))
            {
                Set(command, name, value);
            }
        }

        return command;
    }

    private static void Set(DbCommand command, string name, object? value) =>
        command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
}

/// <summary>Another living host.</summary>
/// <param name="Schema">The last migration that its build knows.</param>
/// <param name="HasSession">Its process lives, as far as the database knows. Otherwise only its lease is not over yet.</param>
internal sealed record OtherHost(string Name, string Version, string Schema, bool HasSession);
