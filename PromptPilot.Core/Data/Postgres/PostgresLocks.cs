namespace PromptPilot.Core.Data.Postgres;

/// <summary>
/// The advisory locks of PostgreSQL that hosts agree on, each by a number of our own. The write gate is held by transactions; the others by
/// the session of a host.
/// </summary>
internal static class PostgresLocks
{
    /// <summary>The class of our locks, so that they are told from those of other applications in the same database: “PPro”.</summary>
    public const string Class = "1347449455";

    /// <summary>A transaction waits for the gate, and for rows, as long as a write waits in the host. Then it fails with 55P03.</summary>
    public const string Patience = "SET LOCAL lock_timeout = '30s'";

    /// <summary>No other transaction holds the gate, in either form.</summary>
    public const string Exclusive = $"SELECT pg_advisory_xact_lock({Class}, 1)";

    /// <summary>No other transaction holds the gate exclusively.</summary>
    public const string Shared = $"SELECT pg_advisory_xact_lock_shared({Class}, 1)";

    /// <summary>For the start of a transaction of EF.</summary>
    public const string BeginExclusive = $"{Patience}; {Exclusive}";

    /// <inheritdoc cref="BeginExclusive"/>
    public const string BeginShared = $"{Patience}; {Shared}";

    /// <summary>True for the one host that may start now: it checks the others and prepares the database.</summary>
    public const string TryStart = $"SELECT pg_try_advisory_lock({Class}, 2)";

    public const string EndStart = $"SELECT pg_advisory_unlock({Class}, 2)";

    /// <summary>
    /// One sign-in per account at a time. Two accounts with equal hashes wait for each other, which does no harm. It has its own lock
    /// class, since hashes can be any number.
    /// </summary>
    public const string Account = $"{Patience}; SELECT pg_advisory_xact_lock({Class} + 1, hashtext(@account))";

    /// <summary>The call that takes a duty unless another session has it.</summary>
    public static string TryDuty(int number) => $"pg_try_advisory_lock({Class}, {number + 10})";

    /// <summary>A host holds the lock of its own number, so that others notice at once when its process ends.</summary>
    public const string Host = $"{Class}, 1000 + @number";

    /// <summary>
    /// One host at a time decides which runs start. The others wait a few milliseconds. A host that freezes meanwhile loses its session.
    /// </summary>
    public const string BeginAdmission =
        $"SET LOCAL lock_timeout = '3s'; SET LOCAL idle_in_transaction_session_timeout = '5s'; SELECT pg_advisory_xact_lock({Class}, 3)";

    /// <summary>True when more than one host holds the lock of its number, which is above 1000.</summary>
    public const string HasSeveralHosts = $"""
        SELECT count(DISTINCT l.objid) > 1 AS "Value" FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = {Class} AND l.objid::bigint > 1000
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        """;
}
