using System.Data.Common;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Data.Postgres.Hosts;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>Makes a PostgreSQL database ready.</summary>
public sealed class PostgresStart(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HostSession session,
    ClusterOptions options,
    HostIdentity identity,
    HostState state,
    DutyLocks duties,
    TimeProvider time,
    ILogger<PostgresStart> log
) : IDatabaseStart
{
    private const int OldestVersion = 150_000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private NpgsqlConnectionStringBuilder _target = null!;

    /// <summary>Where the database is, without the account's secrets.</summary>
    private string Place => $"{_target.Host}:{_target.Port}/{_target.Database}";

    private string IsTaken => $"Another PromptPilot uses the database at {Place}. Stop it, or use another database.";

    /// <inheritdoc/>
    public async Task<string?> PrepareAsync(Version version, CancellationToken cancellationToken)
    {
        try
        {
            await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
            {
                _target = new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString());
            }

            await session.OpenAsync(cancellationToken);
            return await FindUnfitAsync(session.Connection, cancellationToken)
                ?? await JoinAsync(version.ToString(3), cancellationToken)
                ?? await MigrateAsync(version, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            return Explain(exception);
        }
    }

    /// <summary>What this database or account lacks.</summary>
    private async Task<string?> FindUnfitAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var number = await ReadAsync<int>(connection, "SELECT current_setting('server_version_num')::int", cancellationToken);
        if (number < OldestVersion)
        {
            return $"PostgreSQL at {Place} is version {number / 10_000}. PromptPilot needs 15 or later. Upgrade PostgreSQL.";
        }

        var encoding = await ReadAsync<string>(connection, "SELECT current_setting('server_encoding')", cancellationToken);
        if (encoding != "UTF8")
        {
            return $"The database at {Place} stores text as {encoding}. Create it again with the encoding UTF8.";
        }

        const string MayCreate = "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";
        return await ReadAsync<bool>(connection, MayCreate, cancellationToken)
            ? null
            : $"The account {_target.Username} cannot create tables in the database at {Place}. Make it the owner: ALTER DATABASE "
                + $"\"{_target.Database}\" OWNER TO \"{_target.Username}\".";
    }

    /// <summary>
    /// Waits until no other host is starting, and keeps others from starting until this one is ready or has ended. Then registers it,
    /// unless the others do not allow it.
    /// </summary>
    private async Task<string?> JoinAsync(string version, CancellationToken cancellationToken)
    {
        for (var waits = 0; !await session.ReadAsync<bool>(PostgresLocks.TryStart, cancellationToken); waits++)
        {
            if (!options.HasSeveralHosts)
            {
                return IsTaken;
            }

            if (waits == 0)
            {
                log.LogInformation("Another host is starting or upgrading the database. Waiting for it");
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }

        if (await FindPoolerAsync(cancellationToken) is { } pooler)
        {
            return pooler;
        }

        await session.ExecuteAsync(HostTable.Create, cancellationToken);
        var schema = await FindSchemaAsync(cancellationToken);
        while (true)
        {
            var others = await session.ListOthersAsync(cancellationToken);
            if (!options.HasSeveralHosts && others.Any(other => other.HasSession))
            {
                return IsTaken;
            }

            var stranger = others.FirstOrDefault(other => other.Version != version || other.Schema != schema);
            if (stranger is null)
            {
                // A host of this machine that has no session was killed, as before a restart. Another one may only be cut off for a moment.
                state.WasAlone = !options.HasSeveralHosts || others.All(other => other.Name == identity.Name && !other.HasSession);
                await session.RegisterAsync(version, schema, cancellationToken);
                if (options.HasSeveralHosts)
                {
                    duties.GiveUpAll();
                }

                return null;
            }

            if (stranger.HasSession)
            {
                return $"The host {stranger.Name} runs version {stranger.Version} on the database at {Place}, and this is version "
                    + $"{version}. All hosts of a database must run the same build. Stop the hosts of the other version first.";
            }

            // Its process has ended, or its connection was cut. It may come back until its lease expires.
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    /// <summary>
    /// A session can take the same lock repeatedly. If a second connection gets it too, both share one session: a pooler's.
    /// </summary>
    private async Task<string?> FindPoolerAsync(CancellationToken cancellationToken)
    {
        await using var other = session.Connect();
        await other.OpenAsync(cancellationToken);
        await using var transaction = await other.BeginTransactionAsync(cancellationToken);
        return await ReadAsync<bool>(other, PostgresLocks.TryStart, cancellationToken)
            ? $"{Place} shares sessions between connections, as PgBouncer does in transaction mode. Locks do not hold there. Point "
                + $"{PostgresConnection.Key} at PostgreSQL itself, or set pool_mode = session."
            : null;
    }

    /// <summary>The last migration of this build.</summary>
    private async Task<string> FindSchemaAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return db.Database.GetMigrations().Last();
    }

    private async Task<string?> MigrateAsync(Version version, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Except(db.Database.GetMigrations()).LastOrDefault() is { } unknown)
        {
            return $"The database at {Place} was upgraded by another version of PromptPilot (latest migration {unknown}). This is "
                + $"PromptPilot {version.ToString(3)}, which cannot read it. Install that version again, or restore an older dump into an "
                + "empty database.";
        }

        if (applied.Count < db.Database.GetMigrations().Count())
        {
            if (applied.Count > 0)
            {
                log.LogInformation("Upgrading the database");
            }

            db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await db.Database.MigrateAsync(cancellationToken);
        }

        return null;
    }

    private string Explain(NpgsqlException exception) =>
        exception switch
        {
            { SqlState: PostgresErrorCodes.ProtocolViolation } when FirstLine(exception).Contains("startup", StringComparison.Ordinal) =>
                $"{Place} refuses session settings, as PgBouncer does ({FirstLine(exception)}). Point "
                    + $"{PostgresConnection.Key} at PostgreSQL itself.",
            { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"The database {_target.Database} does not exist at {Place}. Create it: CREATE DATABASE \"{_target.Database}\" OWNER "
                    + $"\"{_target.Username}\" ENCODING 'UTF8' TEMPLATE template0.",
            { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                $"PostgreSQL at {Place} does not accept the account {_target.Username} ({FirstLine(exception)}). Check Username and "
                    + $"Password in {PostgresConnection.Key}.",
            { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
                $"The account {_target.Username} cannot create what PromptPilot needs in the database at {Place} "
                    + $"({FirstLine(exception)}). Make it the owner of the database.",
            _ when exception.InnerException is SocketException or TimeoutException or IOException =>
                $"PostgreSQL at {Place} cannot be reached ({FirstLine(exception)}). Start it, or correct {PostgresConnection.Key}.",
            _ => $"The database at {Place} cannot be used ({FirstLine(exception)}). Check the PostgreSQL log.",
        };

    private static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');

    private static async Task<T> ReadAsync<T>(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
