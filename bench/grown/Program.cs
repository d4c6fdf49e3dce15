using System.Diagnostics;
using Microsoft.Data.Sqlite;

// Copies the runs of a stopped portal until the file is as large as after years of use: `Grown promptpilot.db 333000`.
// Each copy is a real run with its events and calls, at another time of the last year; some failed, some were started by schedules or
// webhooks, some are test runs, pinned or rated. Columns that a later version adds are copied as they are.
var (file, wanted) = (args[0], int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
var watch = Stopwatch.StartNew();
using var connection = new SqliteConnection($"Data Source={file};Foreign Keys=False");
connection.Open();

// Nobody else has the file, and half a file is thrown away.
Execute("PRAGMA journal_mode = OFF");
Execute("PRAGMA synchronous = OFF");
Execute("PRAGMA cache_size = -1000000");
var originals = Convert.ToInt32(Scalar("SELECT count(*) FROM WorkflowRuns"), System.Globalization.CultureInfo.InvariantCulture);
var copies = (wanted - originals) / originals;
Execute($"CREATE TEMP TABLE Copy AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) SELECT i FROM n");

// Id and time of a copy follow from those of the original and the number of the copy.
var seconds = $"(c.i * 31536000 / {copies})";
Copy("RunEvents", "WorkflowRuns r ON r.Id = o.RunId", new() { ["RunId"] = Id("o.RunId"), ["At"] = Time("o.At") });
Copy(
    "ExecutionLogs",
    null,
    new()
    {
        ["Id"] = Id("o.Id"),
        ["RunId"] = Id("o.RunId"),
        ["Timestamp"] = Time("o.Timestamp"),
        ["Status"] = "CASE WHEN c.i % 25 = 0 THEN 'Error' ELSE o.Status END",
        ["ErrorCode"] = "CASE WHEN c.i % 25 = 0 THEN 'ProviderError' END",
        ["ErrorMessage"] = "CASE WHEN c.i % 25 = 0 THEN 'The provider answered with an error.' END",
    }
);
Copy(
    "WorkflowRuns",
    null,
    new()
    {
        ["Id"] = Id("o.Id"),
        ["QueuedAt"] = Time("o.QueuedAt"),
        ["StartedAt"] = Time("o.StartedAt"),
        ["FinishedAt"] = Time("o.FinishedAt"),
        ["Status"] = "CASE WHEN c.i % 25 = 0 THEN 'Failed' ELSE o.Status END",
        ["ErrorCode"] = "CASE WHEN c.i % 25 = 0 THEN 'ProviderError' END",
        ["TriggerKind"] = "CASE WHEN c.i % 1000 = 0 THEN 'Webhook' WHEN c.i % 10 = 1 THEN 'Scheduled' ELSE o.TriggerKind END",
        ["IsDraft"] = "c.i % 50 = 3",
        ["Pinned"] = "c.i % 1000 = 7",
        ["IdempotencyKey"] = "NULL",
    }
);
Copy(
    "Feedback",
    null,
    new()
    {
        ["Id"] = Id("o.Id"),
        ["ExecutionId"] = Id("o.ExecutionId"),
        ["CreatedAt"] = Time("o.CreatedAt"),
        ["UpdatedAt"] = Time("o.UpdatedAt"),
        ["Rating"] = "1 + (c.i * 7 + length(o.Comment)) % 5",
    }
);
Execute("PRAGMA journal_mode = WAL");
foreach (var table in new[] { "WorkflowRuns", "RunEvents", "ExecutionLogs", "Feedback" })
{
    Console.WriteLine($"{table}: {Scalar($"SELECT count(*) FROM {table}"):N0}");
}

Console.WriteLine($"{new FileInfo(file).Length / 1e9:F1} GB in {watch.Elapsed.TotalSeconds:F0} s");

// The indexes are made anew afterwards, which is many times faster than to keep them while rows arrive out of order.
void Copy(string table, string? join, Dictionary<string, string> changed)
{
    var indexes = Rows($"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL");
    foreach (var index in indexes)
    {
        Execute($"DROP INDEX \"{index[0]}\"");
    }

    var columns = Rows($"SELECT name FROM pragma_table_info('{table}')").ConvertAll(row => row[0]);
    Execute(
        $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => $"\"{column}\""))}) "
            + $"SELECT {string.Join(", ", columns.Select(column => changed.GetValueOrDefault(column, $"o.\"{column}\"")))} "
            + $"FROM Copy c CROSS JOIN {table} o {(join is null ? "" : $"JOIN {join}")} ORDER BY c.i DESC"
    );
    foreach (var index in indexes)
    {
        Execute(index[1]);
    }
}

// The last twelve digits of an id are random: six of them tell the copies apart.
static string Id(string column) => $"substr({column}, 1, 24) || printf('%06x', c.i) || substr({column}, 31)";

string Time(string column) => $"strftime('%Y-%m-%d %H:%M:%S', {column}, '-' || {seconds} || ' seconds') || substr({column}, 20)";

void Execute(string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    command.CommandTimeout = 0;
    command.ExecuteNonQuery();
}

object? Scalar(string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    return command.ExecuteScalar();
}

List<string[]> Rows(string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    using var reader = command.ExecuteReader();
    var rows = new List<string[]>();
    while (reader.Read())
    {
        rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
    }

    return rows;
}
