using System.Threading.Channels;
using Microsoft.Data.Sqlite;

/// <summary>
/// The least that can store a chain: one table, one writer, entries that wait at the same time in one commit that reaches the disk.
/// </summary>
internal sealed class FloorJournal : IDisposable
{
    private readonly Channel<Pending> _channel = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteConnection _connection;

    public FloorJournal(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=false");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE IF NOT EXISTS log (id TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL)");
        Execute("CREATE INDEX IF NOT EXISTS log_at ON log (at)");
        _ = Task.Run(WriteAsync);
    }

    private sealed record Pending(string Text, TaskCompletionSource Done);

    public Task AppendAsync(string text)
    {
        var pending = new Pending(text, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _channel.Writer.TryWrite(pending);
        return pending.Done.Task;
    }

    public void Dispose() => _connection.Dispose();

    private async Task WriteAsync()
    {
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO log VALUES ($id, $text, $at)";
        var (id, text, at) = (
            insert.Parameters.Add("$id", SqliteType.Text),
            insert.Parameters.Add("$text", SqliteType.Text),
            insert.Parameters.Add("$at", SqliteType.Text)
        );
        var batch = new List<Pending>();
        while (await _channel.Reader.WaitToReadAsync())
        {
            batch.Clear();
            using (var transaction = _connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                while (batch.Count < 256 && _channel.Reader.TryRead(out var pending))
                {
                    (id.Value, text.Value, at.Value) = (
                        Guid.CreateVersion7().ToString(),
                        pending.Text,
                        TimeProvider.System.GetUtcNow().ToString("O")
                    );
                    insert.ExecuteNonQuery();
                    batch.Add(pending);
                }

                transaction.Commit();
            }

            batch.ForEach(pending => pending.Done.SetResult());
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
