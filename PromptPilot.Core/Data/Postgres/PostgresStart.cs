using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>Makes a PostgreSQL database ready.</summary>
public sealed class PostgresStart(IDbContextFactory<PromptPilotDbContext> contexts, PostgresOwnership ownership, ILogger<PostgresStart> log)
    : IDatabaseStart
{
    private const int OldestVersion = 150_000;

    private NpgsqlConnectionStringBuilder _target = null!;

    /// <summary>Where the database is, without the account's secrets.</summary>
    private string Place => $"{_target.Host}:{_target.Port}/{_target.Database}";

    /// <inheritdoc/>
    public async Task<string?> PrepareAsync(Version version, CancellationToken cancellationToken)
    {
        try
        {
            await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
            {
                _target = new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString());
            }

            await ownership.OpenAsync(cancellationToken);
            return await FindUnfitAsync(ownership.Session, cancellationToken)
                ?? await OwnAsync(cancellationToken)
                ?? await MigrateAsync(version, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            return Explain(exception);
        }
    }

    /// <summary>What this database or account lacks.</summary>
    private async Task<string?> FindUnfitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
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
            : $"The account {_target.Username} may not create tables in the database at {Place}. Make it the owner: ALTER DATABASE "
                + $"\"{_target.Database}\" OWNER TO \"{_target.Username}\".";
    }

    /// <summary>Keeps others out of the database until this host ends.</summary>
    private async Task<string?> OwnAsync(CancellationToken cancellationToken)
    {
        if (!await PostgresOwnership.TryOwnAsync(ownership.Session, cancellationToken))
        {
            return $"Another PromptPilot uses the database at {Place}. Stop it, or use another database.";
        }

        // A session gets a lock as often as it asks for it. Where another connection gets it too, both are one session: of a pooler.
        await using var other = ownership.Connect();
        await other.OpenAsync(cancellationToken);
        await using var transaction = other.BeginTransaction();
        return await PostgresOwnership.TryOwnAsync(other, cancellationToken)
            ? $"{Place} shares sessions between connections, as PgBouncer does in transaction mode. Locks do not hold there. Connect "
                + $"{PostgresConnection.Key} to PostgreSQL itself, or set pool_mode = session."
            : null;
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
                $"{Place} refuses the settings of a session, as PgBouncer does ({FirstLine(exception)}). Connect "
                    + $"{PostgresConnection.Key} to PostgreSQL itself.",
            { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"The database {_target.Database} does not exist at {Place}. Create it: CREATE DATABASE \"{_target.Database}\" OWNER "
                    + $"\"{_target.Username}\" ENCODING 'UTF8' TEMPLATE template0.",
            { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                $"PostgreSQL at {Place} does not accept the account {_target.Username} ({FirstLine(exception)}). Check Username and "
                    + $"Password in {PostgresConnection.Key}.",
            { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
                $"The account {_target.Username} may not create what PromptPilot needs in the database at {Place} "
                    + $"({FirstLine(exception)}). Make it the owner of the database.",
            _ when exception.InnerException is SocketException or TimeoutException or IOException =>
                $"PostgreSQL at {Place} cannot be reached ({FirstLine(exception)}). Start it, or correct {PostgresConnection.Key}.",
            _ => $"The database at {Place} cannot be used ({FirstLine(exception)}). Check the log of PostgreSQL.",
        };

    private static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');

    private static async Task<T> ReadAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
