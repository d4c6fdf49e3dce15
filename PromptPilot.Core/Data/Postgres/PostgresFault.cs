using System.Data.Common;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>
/// PostgreSQL's part of <see cref="DatabaseFault"/>, by the states of SQL: https://www.postgresql.org/docs/current/errcodes-appendix.html.
/// It names no type of the client library, which is not loaded where SQLite is used.
/// </summary>
internal static class PostgresFault
{
    private const string ConnectionLost = "08";
    private const string Constraint = "23";
    private const string InsufficientResources = "53";
    private const string Intervention = "57";
    private const string System = "58";

    private const string DiskFull = "53100";
    private const string TooManyConnections = "53300";
    private const string ReadOnly = "25006";
    private const string Repeat = "40001";
    private const string Deadlock = "40P01";
    private const string LockTimeout = "55P03";

    private const string Unreachable =
        "The database cannot be reached right now. Nothing was changed. Try again in a moment. If it keeps failing, ask an admin to check "
        + "that PostgreSQL is running.";

    /// <summary>What happened and what to do next; null when PostgreSQL is not to blame.</summary>
    public static string? Explain(Exception exception) =>
        FindState(exception) switch
        {
            DiskFull => "The database cannot be changed right now because its disk is full. Nothing was changed. "
                + "Ask an admin to free up space, then try again.",
            TooManyConnections => "The database has no free connections. Nothing was changed. Try again in a moment. "
                + "If it happens again, ask an admin to raise max_connections in PostgreSQL.",
            ReadOnly => "The database is read-only right now. Nothing was changed. Ask an admin to check whether PostgreSQL is a standby.",
            Repeat or Deadlock => "Someone else changed the same data at the same moment. Nothing was changed. Try again.",
            LockTimeout => "The database was busy with another change for 30 seconds. Nothing was changed. Try again in a moment. If it "
                + "keeps failing, ask an admin to check the log.",
            { } state when IsUnreachable(state) => Unreachable,
            null when FindLost(exception) is not null => Unreachable,
            _ => null,
        };

    /// <summary>The cause in a few words, for the log; null when PostgreSQL is not to blame.</summary>
    public static string? FindCause(Exception exception) =>
        FindState(exception) switch
        {
            DiskFull => "the disk of the database is full",
            TooManyConnections => "the database has no free connections",
            ReadOnly => "the database is read-only",
            Repeat or Deadlock => "another transaction changed the same rows",
            LockTimeout => "another transaction held a lock for 30 s",
            { } state when IsUnreachable(state) => "the database is not reachable",
            null when FindLost(exception) is not null => "the database is not reachable",
            _ => null,
        };

    /// <summary>Whether the same write can succeed later; null when the exception is not PostgreSQL's.</summary>
    public static bool? CanPass(Exception exception) =>
        FindState(exception) is { } state
            ? state is ReadOnly or Repeat or Deadlock or LockTimeout
                || IsUnreachable(state)
                || state.StartsWith(InsufficientResources, StringComparison.Ordinal)
        : FindLost(exception) is not null ? true
        : null;

    public static bool IsConstraint(Exception exception) => FindState(exception)?.StartsWith(Constraint, StringComparison.Ordinal) == true;

    private static bool IsUnreachable(string state) =>
        state.StartsWith(ConnectionLost, StringComparison.Ordinal)
        || state.StartsWith(Intervention, StringComparison.Ordinal)
        || state.StartsWith(System, StringComparison.Ordinal);

    private static string? FindState(Exception exception) => DatabaseFault.Find<DbException>(exception)?.SqlState;

    /// <summary>An error of the connection, which has no state.</summary>
    private static DbException? FindLost(Exception exception) =>
        DatabaseFault.Find<DbException>(exception) is { IsTransient: true, SqlState: null } lost and not WriteGateTimeoutException
            ? lost
            : null;
}
