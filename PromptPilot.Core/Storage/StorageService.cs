using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Storage;

/// <summary>Sizes of the files, in bytes. <paramref name="Log"/> is what was written and is not yet in the database's file.</summary>
public sealed record StorageFiles(long Database, long Log, long KeyRing, long Free);

/// <summary>Rows and the bytes of their values; indexes and unused pages come on top.</summary>
public sealed record StorageShare(string Name, long Rows, long Bytes);

/// <summary>Disk usage, largest first.</summary>
/// <param name="Texts">What people wrote to test prompts or ran in batches, which can be personal; in the tables too.</param>
public sealed record StorageUse(
    IReadOnlyList<StorageShare> Tables,
    IReadOnlyList<StorageShare> Workflows,
    IReadOnlyList<StorageShare> Texts
);

/// <summary>The runs of a workflow that the next sweep would remove.</summary>
/// <param name="Rule">The retention rule that applies.</param>
public sealed record OverdueShare(string WorkflowId, string Workflow, RetentionRule Rule, int Runs);

/// <param name="Calls">Calls outside runs.</param>
public sealed record RetentionPreview(IReadOnlyList<OverdueShare> Workflows, int Calls);

/// <summary>Shows admins disk usage, the next clean-up and an integrity check. Read-only; takes a while on large databases.</summary>
public sealed class StorageService(Operations operations, StoragePaths paths, IOptions<RunsOptions> options, TimeProvider time)
{
    private const string Texts = """
        SELECT 'Test cases', COUNT(*),
          COALESCE(SUM(LENGTH(CAST("Name" || "Inputs" || COALESCE("Expected", '') AS BLOB))), 0) FROM "TestCases"
        UNION ALL
        SELECT 'Test cases in versions that experiments used', COALESCE(SUM(json_array_length("Cases")), 0),
          COALESCE(SUM(LENGTH(CAST("Cases" AS BLOB))), 0) FROM "TestSetVersions"
          WHERE "TestSetId" NOT IN (SELECT "Id" FROM "TestSets" WHERE "IsBatch")
        UNION ALL
        SELECT 'Rows of batches', COALESCE(SUM(json_array_length("Cases")), 0),
          COALESCE(SUM(LENGTH(CAST("Cases" AS BLOB))), 0) FROM "TestSetVersions"
          WHERE "TestSetId" IN (SELECT "Id" FROM "TestSets" WHERE "IsBatch")
        UNION ALL
        SELECT 'Outputs of batches', COUNT(*), COALESCE(SUM(LENGTH(CAST("Output" AS BLOB))), 0)
        FROM "ExecutionLogs" WHERE "WorkflowId" IN
          (SELECT "Workflows"."Id" FROM "Workflows" JOIN "TestSets" ON "TestSets"."Id" = "Workflows"."TestSetId" WHERE "IsBatch")
        UNION ALL
        SELECT 'Corrected outputs', COUNT(*), COALESCE(SUM(LENGTH(CAST("CorrectedOutput" AS BLOB))), 0)
        FROM "Feedback" WHERE "CorrectedOutput" IS NOT NULL
        """;

    /// <summary>The sizes of the files.</summary>
    public Task<Result<StorageFiles>> FindFilesAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<StorageFiles>(
            actor,
            Permission.Admin,
            _ => new StorageFiles(
                SizeOf(paths.Database),
                SizeOf(paths.Database + "-wal"),
                Directory.Exists(paths.KeyRing) ? Directory.EnumerateFiles(paths.KeyRing).Sum(SizeOf) : 0,
                new DriveInfo(Path.GetFullPath(paths.Database)).AvailableFreeSpace
            ),
            cancellationToken
        );

    /// <summary>Reads every row once.</summary>
    public Task<Result<StorageUse>> MeasureAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<StorageUse>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var tables = db.Model.GetEntityTypes().Select(type => type.GetTableName()).OfType<string>().Distinct().ToList();
                return await Task.Run(() => Measure(tables, cancellationToken), cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Previews what retention would remove now.</summary>
    public Task<Result<RetentionPreview>> PreviewRetentionAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<RetentionPreview>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                var shares = new List<OverdueShare>();
                foreach (
                    var workflow in await db
                        .Workflows.AsNoTracking()
                        .OrderBy(w => w.Name)
                        .Select(w => new
                        {
                            w.Id,
                            w.Name,
                            w.Limits,
                        })
                        .ToListAsync(cancellationToken)
                )
                {
                    var rule = RetentionRule.Of(workflow.Limits, options.Value);
                    var overdue = await OverdueRuns.OfAsync(db, workflow.Id, rule, now, cancellationToken);
                    var ids = overdue.Select(query => query.Select(run => run.Id)).ToList();
                    var runs = ids.Count == 0 ? 0 : await ids.Aggregate((one, other) => one.Union(other)).CountAsync(cancellationToken);
                    shares.Add(new OverdueShare(workflow.Id, workflow.Name, rule, runs));
                }

                var calls =
                    options.Value.KeepDays == 0
                        ? 0
                        : await OverdueRuns.Calls(db, now.AddDays(-options.Value.KeepDays)).CountAsync(cancellationToken);
                return new RetentionPreview(shares, calls);
            },
            cancellationToken
        );

    /// <summary>Lets SQLite check each page, index and reference.</summary>
    /// <returns>The errors; empty when the database is intact.</returns>
    public Task<Result<List<string>>> CheckAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<List<string>>(
            actor,
            Permission.Admin,
            async _ => (await Task.Run(() => DatabaseCopy.Check(paths.Database), cancellationToken)).ToList(),
            cancellationToken
        );

    private static long SizeOf(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;

    private StorageUse Measure(IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        using var connection = DatabaseCopy.Open(paths.Database, SqliteOpenMode.ReadOnly);
        var shares = new List<StorageShare>();
        foreach (var table in tables)
        {
            shares.AddRange(
                Read(
                    connection,
                    $"SELECT '{table}', COUNT(*), COALESCE(SUM({RowSize(connection, table, "t")}), 0) FROM \"{table}\" t",
                    cancellationToken
                )
            );
        }

        var workflows = Read(
            connection,
            $"""
            SELECT MAX(r."WorkflowName"), COUNT(*), SUM({RowSize(connection, "WorkflowRuns", "r")}
              + COALESCE((SELECT SUM({RowSize(connection, "RunEvents", "e")}) FROM "RunEvents" e WHERE e."RunId" = r."Id"), 0)
              + COALESCE((SELECT SUM({RowSize(connection, "ExecutionLogs", "l")}) FROM "ExecutionLogs" l WHERE l."RunId" = r."Id"), 0))
            FROM "WorkflowRuns" r GROUP BY r."WorkflowId"
            """,
            cancellationToken
        );
        return new StorageUse(
            [.. shares.OrderByDescending(share => share.Bytes)],
            [.. workflows.OrderByDescending(share => share.Bytes)],
            Read(connection, Texts, cancellationToken)
        );
    }

    private static string RowSize(SqliteConnection connection, string table, string alias)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM pragma_table_info($table)";
        command.Parameters.AddWithValue("$table", table);
        using var reader = command.ExecuteReader();
        var sizes = new List<string>();
        while (reader.Read())
        {
            sizes.Add($"COALESCE(LENGTH(CAST({alias}.\"{reader.GetString(0)}\" AS BLOB)), 0)");
        }

        return string.Join(" + ", sizes);
    }

    private static List<StorageShare> Read(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        var shares = new List<StorageShare>();
        while (reader.Read())
        {
            shares.Add(
                new StorageShare(
                    Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!,
                    reader.GetInt64(1),
                    reader.GetInt64(2)
                )
            );
        }

        return shares;
    }
}
