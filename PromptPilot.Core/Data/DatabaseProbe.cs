using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Data;

/// <summary>Tests the database by writing to it, since an earlier success proves nothing.</summary>
public sealed class DatabaseProbe(IDbContextFactory<PromptPilotDbContext> contexts, WriteGate gate, HostState host)
{
    /// <summary>If writes wait longer, the portal is not working.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private const int Room = 64 * 1024;

    /// <summary>Needs room, which is given back. Nothing is left behind.</summary>
    private const string Write = """
        SAVEPOINT probe;
        INSERT INTO "StoredSettings" ("Key", "Value", "Revision", "UpdatedAt") VALUES ('readiness check', {0}, 0, {1});
        ROLLBACK TO probe;
        RELEASE probe;
        """;

    /// <summary>Finds faults that are known without asking the database: this host is cut off from it, or writes wait too long.</summary>
    /// <returns>Null, or the reason why the portal cannot work.</returns>
    public string? FindFault() => host.Problem ?? FindStuckWrite();

    private string? FindStuckWrite() =>
        gate.OldestWait is var wait && wait > LongestWait && gate.Holder is { } holder
            ? $"A write has been waiting for {wait.TotalSeconds:0} s behind {holder.Operation}, which started "
                + $"{holder.For.TotalSeconds:0} s ago."
            : null;

    /// <summary>
    /// Writes, in line with all other writes. On PostgreSQL together with other hosts' runs, which a check must not hold up.
    /// </summary>
    /// <returns>Null, or why it is not possible.</returns>
    public async Task<string?> TryWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await gate.BeginSharedAsync(db, cancellationToken);
            await WriteAsync(db, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }
        catch (WriteGateTimeoutException exception)
        {
            return exception.Message;
        }
        catch (DbException exception)
        {
            return $"The database cannot be written to: {DatabaseFault.Explain(exception)?.Message ?? exception.Message} "
                + $"({exception.Message})";
        }
    }

    private static async Task WriteAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlRawAsync(Write, [new string('x', Room), DateTime.UnixEpoch], cancellationToken);
        if (db.HasOneWriter)
        {
            // SQLite commits nothing where nothing changed: the version that it keeps for applications, as it is.
            var version = await db.Database.SqlQueryRaw<int>("PRAGMA user_version").ToListAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync(FormattableString.Invariant($"PRAGMA user_version = {version[0]}"), cancellationToken);
        }
    }
}
