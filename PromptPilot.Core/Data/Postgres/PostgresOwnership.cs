using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>
/// Keeps a database for this host: a session of its own holds a lock until the host ends, in any way. A session that was lost is replaced;
/// if another host was faster, this one stops.
/// No constructor of this folder takes a type of Npgsql and no method awaits one: EF looks at all types of this assembly, and would load
/// the library on SQLite too.
/// </summary>
public sealed class PostgresOwnership(
    IDbContextFactory<PromptPilotDbContext> contexts,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PostgresOwnership> log
) : PollingService
{
    private NpgsqlConnection? _session;

    protected override ILogger Logger => log;

    protected override TimeProvider Time => time;

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(5);

    public override void Dispose()
    {
        base.Dispose();
        _session?.Dispose();
    }

    /// <summary>The session, once it was opened.</summary>
    internal NpgsqlConnection Session => _session ?? throw new InvalidOperationException("The session is not open.");

    /// <summary>Opens the session anew.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        var session = Connect();
        try
        {
            await session.OpenAsync(cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        _session?.Dispose();
        _session = session;
    }

    /// <summary>A connection beside the session.</summary>
    internal NpgsqlConnection Connect()
    {
        using var db = contexts.CreateDbContext();
        return new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()) { Pooling = false }.ConnectionString
        );
    }

    /// <returns>False if another session has the lock.</returns>
    internal static async Task<bool> TryOwnAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PostgresLocks.TryOwn, session);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    protected override Task PrepareAsync(CancellationToken stoppingToken) => Task.CompletedTask;

    protected override Func<CancellationToken, Task> Listen() => token => Task.Delay(Timeout.InfiniteTimeSpan, token);

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        if (_session is null || await IsAliveAsync(cancellationToken))
        {
            return null;
        }

        await OpenAsync(cancellationToken);
        if (!await TryOwnAsync(Session, cancellationToken))
        {
            log.LogCritical("Another PromptPilot took over the database while the connection was lost. This one stops");
            lifetime.StopApplication();
        }

        return null;
    }

    private async Task<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT 1", _session);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }
}
