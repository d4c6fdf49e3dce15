using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PromptPilot.Core.Storage;

/// <summary>Care of the SQLite file in the data directory.</summary>
public sealed class SqliteCare(StoragePaths paths) : IDatabaseCare
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

    public string? BackupCommand => null;

    public string? KeyNote => null;

    public bool CanCheck => true;

    public Task<IReadOnlyList<HostView>> ListHostsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<HostView>>([]);

    public string SizeNote => "Indexes and free pages are not included.";

    public Task<StorageSizes> FindSizesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            new StorageSizes(
                // What was written last is in the second file until it is moved to the first.
                SizeOf(paths.Database) + SizeOf(paths.Database + "-wal"),
                Directory.Exists(paths.KeyRing) ? Directory.EnumerateFiles(paths.KeyRing).Sum(SizeOf) : 0,
                new DriveInfo(Path.GetFullPath(paths.Database)).AvailableFreeSpace
            )
        );

    public Task<StorageUse> MeasureAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken) =>
        Task.Run(() => Measure(tables, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) =>
        Task.Run(() => DatabaseCopy.Check(paths.Database), cancellationToken);

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
