using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>The calls of a profile on all hosts, as read from the rows.</summary>
/// <param name="Now">The database's time (UTC).</param>
/// <param name="Open">Number of open calls.</param>
/// <param name="InWindow">Number of calls that began within the last minute.</param>
/// <param name="InTheWay">Start of the call that has to leave that minute before another one may begin; null if none.</param>
/// <param name="Allowed">See <see cref="SlowDownState"/>; null if the profile was not slowed down.</param>
/// <param name="Since">Since when this host has waited; null if it does not wait.</param>
/// <param name="Ahead">Number of other hosts that have waited longer.</param>
internal sealed record CallSlotRow(
    DateTime Now,
    int Open,
    int InWindow,
    DateTime? InTheWay,
    double? Allowed,
    DateTime? ClosedUntil,
    DateTime? SlowedAt,
    int? Count,
    DateTime? Since,
    int Ahead
)
{
    public SlowDownState SlowDown() =>
        Allowed is { } allowed
            ? new SlowDownState(allowed, CallSlotRows.TimeOf(ClosedUntil!.Value), CallSlotRows.TimeOf(SlowedAt!.Value), Count!.Value)
            : SlowDownState.None;
}

/// <summary>A profile that its provider has slowed down.</summary>
internal sealed record SlowDownRow(string ProfileId, DateTime Now, double Allowed, DateTime ClosedUntil, DateTime SlowedAt, int Count)
{
    public SlowDownState State() => new(Allowed, CallSlotRows.TimeOf(ClosedUntil), CallSlotRows.TimeOf(SlowedAt), Count);
}

/// <summary>
/// The rows of calls that hosts share, by the database's clock. An open call has a lease, which its host renews. A call that has ended
/// stays for a minute if its profile limits calls per minute.
/// </summary>
internal static class CallSlotRows
{
    /// <summary>Tells hosts that wait for a profile that a call has ended, and all hosts that a profile was slowed down.</summary>
    public const string Channel = "pp_calls";

    /// <summary>Follows the profile's id where a permit was returned without a call.</summary>
    public const string UnusedSign = "+";

    /// <summary>EF does not know these tables, and SQLite does not have them.</summary>
    public const string Create = """
        CREATE TABLE IF NOT EXISTS "CallSlots" (
            "Id" text COLLATE "C" PRIMARY KEY,
            "ProfileId" text COLLATE "C" NOT NULL,
            "Owner" text COLLATE "C" NOT NULL,
            "StartedAt" timestamptz,
            "Until" timestamptz);
        CREATE INDEX IF NOT EXISTS "IX_CallSlots_ProfileId" ON "CallSlots" ("ProfileId", "StartedAt");
        CREATE TABLE IF NOT EXISTS "CallWaits" (
            "ProfileId" text COLLATE "C" NOT NULL,
            "Owner" text COLLATE "C" NOT NULL,
            "Since" timestamptz NOT NULL,
            "Until" timestamptz NOT NULL,
            PRIMARY KEY ("ProfileId", "Owner"));
        CREATE TABLE IF NOT EXISTS "CallSlowDowns" (
            "ProfileId" text COLLATE "C" PRIMARY KEY,
            "Allowed" double precision NOT NULL,
            "ClosedUntil" timestamptz NOT NULL,
            "SlowedAt" timestamptz NOT NULL,
            "Count" int NOT NULL)
        """;

    /// <summary>Extends the leases of the calls with the ids <c>@calls</c> by <c>@seconds</c>, and deletes old rows.</summary>
    public const string Renew = """
        UPDATE "CallSlots" SET "Until" = clock_timestamp() + make_interval(secs => @seconds) WHERE "Id" IN (
          SELECT "Id" FROM "CallSlots" WHERE "Id" = ANY(@calls) AND "Until" IS NOT NULL ORDER BY "Id" FOR UPDATE SKIP LOCKED);
        DELETE FROM "CallSlots" WHERE "Id" IN (
          SELECT "Id" FROM "CallSlots"
          WHERE ("Until" IS NULL AND coalesce("StartedAt" < now() - interval '61 seconds', true))
            OR "Until" < now() - interval '10 minutes'
          FOR UPDATE SKIP LOCKED);
        DELETE FROM "CallSlowDowns" WHERE "ProfileId" IN (
          SELECT "ProfileId" FROM "CallSlowDowns" WHERE greatest("ClosedUntil", "SlowedAt" + interval '10 minutes') < now()
          FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>A host that freezes loses its session, and with it the lock.</summary>
    private const string Lock = """
        SET LOCAL lock_timeout = '3s';
        SET LOCAL idle_in_transaction_session_timeout = '5s';
        SELECT pg_advisory_xact_lock(1347449462, hashtext(@profile))
        """;

    private const string Until = "clock_timestamp() + make_interval(secs => @seconds)";

    private const string Adopt = $$"""
        INSERT INTO "CallSlots" ("Id", "ProfileId", "Owner", "Until") SELECT unnest(@ids), @profile, @owner, {{Until}}
        ON CONFLICT DO NOTHING
        """;

    private const string Begin = $$"""
        INSERT INTO "CallSlots" ("Id", "ProfileId", "Owner", "StartedAt", "Until")
        SELECT unnest(@ids), @profile, @owner, CASE WHEN @counts THEN clock_timestamp() END, {{Until}}
        """;

    private const string KeepEnded = """UPDATE "CallSlots" SET "Until" = NULL WHERE "Id" = ANY(@ended)""";

    private const string DeleteEnded = """DELETE FROM "CallSlots" WHERE "Id" = ANY(@ended)""";

    private const string DeleteUnused = """DELETE FROM "CallSlots" WHERE "Id" = ANY(@unused)""";

    /// <summary>Only where another host waits, and thus not at the pace of calls.</summary>
    private const string Tell = $$"""
        SELECT pg_notify('{{Channel}}', @profile) WHERE EXISTS (
          SELECT 1 FROM "CallWaits" WHERE "ProfileId" = @profile AND "Owner" <> @owner AND "Until" > clock_timestamp())
        """;

    private const string Wait = """
        INSERT INTO "CallWaits" ("ProfileId", "Owner", "Since", "Until")
        VALUES (@profile, @owner, clock_timestamp(), clock_timestamp() + interval '2 seconds')
        ON CONFLICT ("ProfileId", "Owner") DO UPDATE
        SET "Until" = excluded."Until", "Since" = CASE WHEN @begins THEN excluded."Since" ELSE "CallWaits"."Since" END
        """;

    private const string StopWaiting = """DELETE FROM "CallWaits" WHERE "ProfileId" = @profile AND "Owner" = @owner""";

    private const string SlowDown = $$"""
        INSERT INTO "CallSlowDowns" ("ProfileId", "Allowed", "ClosedUntil", "SlowedAt", "Count")
        VALUES (@profile, @allowed, @closed, @slowed, @slowDowns)
        ON CONFLICT ("ProfileId") DO UPDATE SET "Allowed" = @allowed, "ClosedUntil" = @closed, "SlowedAt" = @slowed, "Count" = @slowDowns
        """;

    /// <summary>Also those that wait for the end of the minute.</summary>
    private const string TellUnused = $$"""
        SELECT pg_notify('{{Channel}}', @profile || '{{UnusedSign}}') WHERE EXISTS (
          SELECT 1 FROM "CallWaits" WHERE "ProfileId" = @profile AND "Owner" <> @owner AND "Until" > clock_timestamp())
        """;

    private const string TellSlowDown = $"SELECT pg_notify('{Channel}', '')";

    private const string Query = """
        WITH t AS MATERIALIZED (SELECT clock_timestamp() AS n)
        SELECT t.n AS "Now",
          (SELECT count(*)::int FROM "CallSlots" c
           WHERE c."ProfileId" = {0} AND c."Until" IS NOT NULL AND ({2} OR c."Until" > t.n)) AS "Open",
          (SELECT count(*)::int FROM "CallSlots" c
           WHERE c."ProfileId" = {0} AND c."StartedAt" > t.n - interval '60 seconds') AS "InWindow",
          (SELECT c."StartedAt" FROM "CallSlots" c
           WHERE c."ProfileId" = {0} AND c."StartedAt" > t.n - interval '60 seconds'
           ORDER BY c."StartedAt" DESC OFFSET {3} LIMIT 1) AS "InTheWay",
          s."Allowed", s."ClosedUntil", s."SlowedAt", s."Count", w."Since",
          (SELECT count(*)::int FROM "CallWaits" o
           WHERE o."ProfileId" = {0} AND o."Owner" <> {1} AND o."Until" > t.n AND (w."Since" IS NULL OR o."Since" < w."Since")) AS "Ahead"
        FROM t LEFT JOIN "CallSlowDowns" s ON s."ProfileId" = {0}
        LEFT JOIN "CallWaits" w ON w."ProfileId" = {0} AND w."Owner" = {1}
        """;

    private const string SlowDowns = """
        SELECT "ProfileId", clock_timestamp() AS "Now", "Allowed", "ClosedUntil", "SlowedAt", "Count" FROM "CallSlowDowns"
        WHERE greatest("ClosedUntil", "SlowedAt" + interval '10 minutes') > clock_timestamp()
        """;

    /// <summary>A time of the database as <see cref="SlowDownState"/> has it.</summary>
    public static TimeSpan TimeOf(DateTime at) => at - DateTime.UnixEpoch;

    /// <summary>
    /// Locks the profile for the transaction that has just begun, adds the calls that began without a limit, and ends those that have
    /// ended.
    /// </summary>
    /// <param name="unused">Calls that have ended without anything being sent: they do not count for the minute.</param>
    public static Task LockAsync(PromptPilotDbContext db, CallSlotScope scope, string[] adopted, string[] ended, string[] unused) =>
        ExecuteAsync(db, scope, [Lock, adopted.Length > 0 ? Adopt : null, .. EndSql(scope, ended, unused)], adopted, ended, unused: unused);

    /// <summary>Ends calls without the lock, which only deciding about new ones needs.</summary>
    public static Task EndAsync(PromptPilotDbContext db, CallSlotScope scope, string[] ended, string[] unused) =>
        ExecuteAsync(db, scope, EndSql(scope, ended, unused), [], ended, unused: unused);

    /// <param name="perMinute">The limit of calls per minute; null: none.</param>
    /// <param name="countsLost">Whether calls whose lease has expired are counted as open.</param>
    public static async Task<CallSlotRow> ReadAsync(PromptPilotDbContext db, CallSlotScope scope, int? perMinute, bool countsLost)
    {
        var rows = await db
            .Database.SqlQueryRaw<CallSlotRow>(Query, scope.ProfileId, scope.Owner, countsLost, (perMinute ?? 1) - 1)
            .ToListAsync();
        return rows[0];
    }

    /// <summary>Writes what was decided.</summary>
    /// <param name="begun">Calls that begin now.</param>
    /// <param name="waits">Whether this host waits for a call; null: as before.</param>
    /// <param name="slow">The changed slow-down; null: as before.</param>
    /// <param name="isSlowed">Whether other hosts have to know of it at once.</param>
    /// <param name="leavesRoom">Whether another call could begin. A host that stops waiting then tells those that let it go first.</param>
    public static Task WriteAsync(
        PromptPilotDbContext db,
        CallSlotScope scope,
        string[] begun,
        bool? waits,
        SlowDownState? slow = null,
        bool isSlowed = false,
        bool leavesRoom = false
    ) =>
        ExecuteAsync(
            db,
            scope,
            [
                begun.Length > 0 ? Begin : null,
                waits switch
                {
                    true => Wait,
                    false => StopWaiting,
                    null => null,
                },
                waits == false && leavesRoom ? Tell : null,
                slow is not null ? SlowDown : null,
                isSlowed ? TellSlowDown : null,
            ],
            begun,
            [],
            slow
        );

    public static Task<List<SlowDownRow>> ReadSlowDownsAsync(PromptPilotDbContext db) =>
        db.Database.SqlQueryRaw<SlowDownRow>(SlowDowns).ToListAsync();

    /// <summary>Ends the calls of all other hosts, none of which is alive.</summary>
    public static Task EndOthersAsync(PromptPilotDbContext db, string owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE "CallSlots" SET "Until" = NULL WHERE "Owner" <> {owner};
            DELETE FROM "CallWaits" WHERE "Owner" <> {owner}
            """,
            cancellationToken
        );

    private static async Task ExecuteAsync(
        PromptPilotDbContext db,
        CallSlotScope scope,
        string?[] statements,
        string[] ids,
        string[] ended,
        SlowDownState? slow = null,
        string[]? unused = null
    )
    {
        var sql = string.Join(";\n", statements.OfType<string>());
        if (sql.Length == 0)
        {
            return;
        }

        var state = slow ?? SlowDownState.None;
        await db.ExecuteUncachedAsync(
            sql,
            [
                ("@profile", scope.ProfileId),
                ("@owner", scope.Owner),
                ("@seconds", scope.LeaseSeconds),
                ("@ids", ids),
                ("@ended", ended),
                ("@unused", unused ?? []),
                ("@counts", scope.PerMinute is not null),
                ("@begins", ids.Length > 0),
                ("@allowed", state.Allowed),
                ("@closed", DateOf(state.ClosedUntil)),
                ("@slowed", DateOf(state.SlowedAt)),
                ("@slowDowns", state.Count),
            ],
            CancellationToken.None
        );
    }

    private static DateTime DateOf(TimeSpan time) => time < TimeSpan.Zero ? DateTime.UnixEpoch : DateTime.UnixEpoch + time;

    /// <summary>Calls that have ended are kept where calls per minute are counted.</summary>
    private static string?[] EndSql(CallSlotScope scope, string[] ended, string[] unused) =>
        [
            ended.Length == 0 ? null
            : scope.PerMinute is null ? DeleteEnded
            : KeepEnded,
            unused.Length > 0 ? DeleteUnused : null,
            unused.Length > 0 ? TellUnused
            : ended.Length > 0 ? Tell
            : null,
        ];
}

/// <summary>The profile and the host whose rows are meant.</summary>
/// <param name="LeaseSeconds">Lifetime of a call that is not renewed.</param>
/// <param name="PerMinute">The profile's limit of calls per minute; null: none.</param>
internal sealed record CallSlotScope(string ProfileId, string Owner, double LeaseSeconds, int? PerMinute);
