namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>
/// The table of a database's hosts. Created outside the migrations, because a host reads it before it migrates. All times are the
/// database's. A live host has a lease that has not expired, or a session that holds the lock of its number.
/// </summary>
internal static class HostTable
{
    /// <summary>Lifetime of a lease without renewal.</summary>
    private const string Lease = "interval '15 seconds'";

    private const string HasSession = $"""
        EXISTS (
            SELECT 1 FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = {PostgresLocks.Class}
            AND l.objid::bigint = 1000 + h."Number"
            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
        """;

    public const string Create = """
        CREATE TABLE IF NOT EXISTS "Hosts" (
            "Number" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            "Id" text COLLATE "C" NOT NULL UNIQUE,
            "Name" text NOT NULL,
            "Version" text NOT NULL,
            "Schema" text NOT NULL,
            "StartedAt" timestamptz NOT NULL DEFAULT now(),
            "RenewedAt" timestamptz NOT NULL DEFAULT now(),
            "LeaseUntil" timestamptz NOT NULL,
            "ListeningSince" timestamptz,
            "RoundTripMs" int,
            "Redis" text,
            "SetupCode" text,
            "Slots" int,
            "LagMs" int,
            "ClockMs" int,
            "NotReady" text,
            "Duties" text
        );
        ALTER TABLE "Hosts"
            ADD COLUMN IF NOT EXISTS "SetupCode" text,
            ADD COLUMN IF NOT EXISTS "Slots" int,
            ADD COLUMN IF NOT EXISTS "LagMs" int,
            ADD COLUMN IF NOT EXISTS "ClockMs" int,
            ADD COLUMN IF NOT EXISTS "NotReady" text,
            ADD COLUMN IF NOT EXISTS "Duties" text
        """;

    /// <summary>Deletes hosts that have been gone for a day.</summary>
    public const string Clean = """DELETE FROM "Hosts" WHERE "LeaseUntil" < now() - interval '1 day'""";

    public const string Add = $"""
        INSERT INTO "Hosts" ("Id", "Name", "Version", "Schema", "LeaseUntil") VALUES (@id, @name, @version, @schema, now() + {Lease})
        RETURNING "Number"
        """;

    /// <summary>The database's time; nothing if the row is gone, e.g. after the database was restored from a dump.</summary>
    public const string Renew = $"""
        UPDATE "Hosts"
        SET "LeaseUntil" = now() + {Lease}, "RenewedAt" = now(), "ListeningSince" = coalesce("ListeningSince", now()),
            "RoundTripMs" = @roundTrip, "ClockMs" = @clock, "LagMs" = @lag, "Redis" = @redis, "Slots" = @slots, "NotReady" = @notReady,
            "Duties" = @duties
        WHERE "Number" = @number AND "Id" = @id
        RETURNING clock_timestamp()
        """;

    /// <summary>Tells the other hosts the database's time, in milliseconds, by which they measure how late they are notified.</summary>
    public const string Beat = $"""
        SELECT pg_notify('{HostReporter.Channel}', @id || ' ' || CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint))
        """;

    public const string Remove = """DELETE FROM "Hosts" WHERE "Id" = @id""";

    /// <summary>Parameters: the hash of a code, and the id of the host that has logged it.</summary>
    public const string ShareCode = """UPDATE "Hosts" SET "SetupCode" = {0} WHERE "Id" = {1}""";

    public const string HasCode = """
        SELECT EXISTS (SELECT 1 FROM "Hosts" WHERE "SetupCode" = {0} AND "LeaseUntil" > now()) AS "Value"
        """;

    public const string TryLock = $"SELECT pg_try_advisory_lock({PostgresLocks.Host})";

    /// <summary>
    /// Ends older sessions of this host: the server does not know yet that their connections are cut, and they still hold its locks.
    /// </summary>
    public const string EndOldSessions = $"""
        SELECT pg_terminate_backend(l.pid) FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = {PostgresLocks.Class}
        AND l.objid::bigint = 1000 + @number AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        """;

    /// <summary>
    /// Ends the sessions of hosts whose lease has expired, e.g. of a process that hangs and would keep its duties.
    /// </summary>
    public const string EndLateSessions = $"""
        SELECT pg_terminate_backend(l.pid) FROM "Hosts" h JOIN pg_locks l ON l.objid::bigint = 1000 + h."Number"
        WHERE h."LeaseUntil" < now() AND h."Id" <> @id
        AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = {PostgresLocks.Class}
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        """;

    /// <summary>All hosts, for display; the oldest first.</summary>
    public const string List = $"""
        SELECT h."Id", h."Name", h."Version", h."StartedAt", h."LeaseUntil" > now() AS "HasLease", {HasSession} AS "HasSession",
            greatest(0, CAST(extract(epoch FROM now() - h."RenewedAt") AS int)) AS "SecondsSilent", h."RoundTripMs", h."Redis",
            h."ListeningSince" IS NOT NULL AND {HasSession} AS "IsListening",
            (SELECT CAST(count(*) AS int) FROM "WorkflowRuns" r WHERE r."LeaseOwner" = h."Id" AND r."Status" = 'Running') AS "Runs",
            h."Slots", h."LagMs", h."ClockMs", h."NotReady", h."Duties"
        FROM "Hosts" h ORDER BY h."Number"
        """;

    /// <summary>The other live hosts: name, version, schema, and whether a session holds the lock of the number.</summary>
    public const string Others = $"""
        SELECT "Name", "Version", "Schema", {HasSession} AS "HasSession" FROM "Hosts" h
        WHERE "Id" <> @id AND ("LeaseUntil" > now() OR {HasSession})
        ORDER BY "HasSession" DESC, "Number"
        """;
}
