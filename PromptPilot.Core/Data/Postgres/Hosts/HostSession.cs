using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// The connection that a host keeps open while it runs, outside the pool. When it ends, for any reason, the host's locks are released.
/// Only one caller uses it at a time: first the start, then <see cref="HostMembership"/>.
/// In this folder, no constructor takes an Npgsql type and no method awaits one: EF inspects all types of this assembly, and would load the
/// library on SQLite too.
/// </summary>
public sealed class HostSession(IDbContextFactory<PromptPilotDbContext> contexts, HostIdentity identity) : IDisposable
{
    /// <summary>In seconds. The session's commands are small: one that takes longer has lost its connection.</summary>
    private const int LongestCommand = 5;

    private readonly ConcurrentQueue<(string Channel, string Payload)> _notifications = new();

    private NpgsqlConnection? _connection;
    private int _number;
    private string _version = "";
    private string _schema = "";

    internal bool IsRegistered => _number > 0;

    /// <summary>The open connection.</summary>
    internal DbConnection Connection => _connection ?? throw new InvalidOperationException("The session is not open.");

    /// <summary>Deletes the host's row, so that other hosts need not wait for its lease to expire.</summary>
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
            // The database is gone. The lease will expire.
        }
    }

    /// <summary>Opens a new connection.</summary>
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

    /// <summary>Gives up the open connection to the caller.</summary>
    internal DbConnection Release()
    {
        var connection = Connection;
        _connection = null;
        return connection;
    }

    /// <summary>Subscribes to the notifications of these channels.</summary>
    internal Task ListenAsync(IEnumerable<string> channels, CancellationToken cancellationToken) =>
        ExecuteAsync(string.Join(';', channels.Select(channel => $"LISTEN {channel}")), cancellationToken);

    /// <summary>The next received notification.</summary>
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

    /// <summary>A separate connection, not yet open.</summary>
    internal DbConnection Connect()
    {
        using var db = contexts.CreateDbContext();
        return PostgresConnection.Unpooled(db);
    }

    /// <summary>Closes the idle connections of the pool, which may be as dead as the session is.</summary>
    internal void ClearPool()
    {
        using var db = contexts.CreateDbContext();
        using var pooled = new NpgsqlConnection(db.Database.GetConnectionString());
        NpgsqlConnection.ClearPool(pooled);
    }

    /// <summary>Registers this host with a lease, and takes the lock of its number.</summary>
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

    /// <summary>Takes the lock of this host again, with a new connection. An older session that still holds it is ended.</summary>
    /// <returns>False if the older session still held the lock.</returns>
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
    /// <returns>The database's time; null if the row was gone.</returns>
    internal async Task<DateTime?> RenewAsync(HostReport report, CancellationToken cancellationToken)
    {
        await using (var renew = Command(Connection, HostTable.Renew))
        {
            Set(renew, "roundTrip", report.RoundTripMs);
            Set(renew, "clock", report.ClockMs);
            Set(renew, "lag", report.LagMs);
            Set(renew, "redis", report.Redis);
            Set(renew, "slots", report.Slots);
            Set(renew, "notReady", report.NotReady);
            Set(renew, "duties", report.Duties);
            if (await renew.ExecuteScalarAsync(cancellationToken) is DateTime time)
            {
                return time;
            }
        }

        await RegisterAsync(_version, _schema, cancellationToken);
        return null;
    }

    /// <summary>Other live hosts, those with a session first.</summary>
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

/// <summary>Another live host.</summary>
/// <param name="Schema">The last migration that its build knows.</param>
/// <param name="HasSession">Its process is alive, as far as the database knows. Otherwise only its lease has not expired yet.</param>
internal sealed record OtherHost(string Name, string Version, string Schema, bool HasSession);
