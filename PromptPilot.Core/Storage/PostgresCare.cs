using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Storage.Keys;

namespace PromptPilot.Core.Storage;

/// <summary>Care of a PostgreSQL database. Its own tools make backups; the portal says how, and reads sizes.</summary>
public sealed class PostgresCare(IDbContextFactory<PromptPilotDbContext> contexts, KeyProtection protection) : IDatabaseCare
{
    private const string Table = """
        SELECT {0} AS "Name", count(*) AS "Rows", pg_total_relation_size(CAST({1} AS regclass)) AS "Bytes" FROM
        """;

    private const string Workflows = """
        SELECT max(r."WorkflowName") AS "Name", count(*) AS "Rows",
          CAST(sum(pg_column_size(r.*) + coalesce(e.bytes, 0) + coalesce(l.bytes, 0)) AS bigint) AS "Bytes"
        FROM "WorkflowRuns" r
        LEFT JOIN (SELECT "RunId", sum(pg_column_size(e.*)) AS bytes FROM "RunEvents" e GROUP BY 1) e ON e."RunId" = r."Id"
        LEFT JOIN (SELECT "RunId", sum(pg_column_size(l.*)) AS bytes FROM "ExecutionLogs" l GROUP BY 1) l ON l."RunId" = r."Id"
        GROUP BY r."WorkflowId"
        """;

    private const string Texts = """
        SELECT 'Test cases' AS "Name", count(*) AS "Rows",
          coalesce(sum(octet_length("Name" || "Inputs" || coalesce("Expected", ''))), 0) AS "Bytes" FROM "TestCases"
        UNION ALL
        SELECT 'Test cases in versions that experiments used', coalesce(sum(json_array_length(CAST("Cases" AS json))), 0),
          coalesce(sum(octet_length("Cases")), 0) FROM "TestSetVersions"
          WHERE "TestSetId" NOT IN (SELECT "Id" FROM "TestSets" WHERE "IsBatch")
        UNION ALL
        SELECT 'Rows of batches', coalesce(sum(json_array_length(CAST("Cases" AS json))), 0),
          coalesce(sum(octet_length("Cases")), 0) FROM "TestSetVersions"
          WHERE "TestSetId" IN (SELECT "Id" FROM "TestSets" WHERE "IsBatch")
        UNION ALL
        SELECT 'Outputs of batches', count(*), coalesce(sum(octet_length("Output")), 0)
        FROM "ExecutionLogs" WHERE "WorkflowId" IN
          (SELECT "Workflows"."Id" FROM "Workflows" JOIN "TestSets" ON "TestSets"."Id" = "Workflows"."TestSetId" WHERE "IsBatch")
        UNION ALL
        SELECT 'Corrected outputs', count(*), coalesce(sum(octet_length("CorrectedOutput")), 0)
        FROM "Feedback" WHERE "CorrectedOutput" IS NOT NULL
        """;

    /// <inheritdoc/>
    public string BackupCommand
    {
        get
        {
            using var db = contexts.CreateDbContext();
            var to = new DbConnectionStringBuilder { ConnectionString = db.Database.GetDbConnection().ConnectionString };
            return string.Join(
                ' ',
                [
                    "pg_dump --format=custom --file=promptpilot.dump",
                    .. Option("host", "Host"),
                    .. Option("port", "Port"),
                    .. Option("username", "Username"),
                    Quoted($"{to["Database"]}"),
                ]
            );

            IEnumerable<string> Option(string option, string key) =>
                to.TryGetValue(key, out var value) ? [$"--{option}={Quoted($"{value}")}"] : [];
        }
    }

    public string KeyNote =>
        protection.IsOn
            ? "The file holds the key ring, protected by the certificate of PromptPilot:Keys:Certificate. Keep that certificate somewhere "
                + "else: without it, the secrets in the file cannot be decrypted."
            : "The file holds the key ring, so its secrets can be decrypted by anyone who can read it. Store it like a password, or set "
                + "PromptPilot:Keys:Certificate to protect the keys with a certificate.";

    public bool CanCheck => false;

    public string SizeNote => "By table, indexes and free pages are included.";

    public async Task<StorageSizes> FindSizesAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        const string Size = "SELECT pg_database_size(current_database()) AS \"Value\"";
        return new StorageSizes(await db.Database.SqlQueryRaw<long>(Size).SingleAsync(cancellationToken), null, null);
    }

    public async Task<IReadOnlyList<HostView>> ListHostsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Database.SqlQueryRaw<HostView>(HostTable.List).ToListAsync(cancellationToken);
    }

    public async Task<StorageUse> MeasureAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        var shares = new List<StorageShare>();
        foreach (var table in tables)
        {
            shares.AddRange(await ReadAsync(db, $"{Table} \"{table}\"", cancellationToken, table, $"\"{table}\""));
        }

        return new StorageUse(
            [.. shares.OrderByDescending(share => share.Bytes)],
            [.. (await ReadAsync(db, Workflows, cancellationToken)).OrderByDescending(share => share.Bytes)],
            await ReadAsync(db, Texts, cancellationToken)
        );
    }

    /// <summary>Not offered: PostgreSQL checks its pages itself, and pg_amcheck does more on the machine of the database.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    private static Task<List<StorageShare>> ReadAsync(
        PromptPilotDbContext db,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    ) => db.Database.SqlQueryRaw<StorageShare>(sql, values).ToListAsync(cancellationToken);

    /// <summary>A word for a shell.</summary>
    private static string Quoted(string word) =>
        word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
