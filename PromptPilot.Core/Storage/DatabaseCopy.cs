using Microsoft.Data.Sqlite;

namespace PromptPilot.Core.Storage;

/// <summary>
/// Copies a SQLite file by its online backup, in one read transaction: writers continue, and the copy is the state of one moment.
/// </summary>
public static class DatabaseCopy
{
    /// <exception cref="SqliteException">The copy cannot be made, for example since the disk is full.</exception>
    public static void Make(string database, string target)
    {
        using (var source = Open(database, SqliteOpenMode.ReadOnly))
        using (var copy = Open(target, SqliteOpenMode.ReadWriteCreate))
        {
            // The online backup gives up where the file is busy for a moment; a command waits for it. So one begins the read transaction,
            // and the backup continues in it.
            using var reading = source.BeginTransaction(deferred: true);
            using var first = source.CreateCommand();
            first.Transaction = reading;
            first.CommandText = "SELECT count(*) FROM sqlite_schema";
            first.ExecuteScalar();
            source.BackupDatabase(copy);
        }
    }

    /// <summary>The errors that SQLite finds in a file; empty when it is intact.</summary>
    public static IReadOnlyList<string> Check(string database)
    {
        using var connection = Open(database, SqliteOpenMode.ReadOnly);
        List<string> found = [];
        foreach (var pragma in new[] { "integrity_check(20)", "foreign_key_check" })
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA {pragma}";
            command.CommandTimeout = 0;
            using var reader = command.ExecuteReader();
            while (reader.Read() && found.Count < 20)
            {
                var line =
                    pragma == "foreign_key_check"
                        ? $"A row in {reader.GetString(0)} refers to a row in {reader.GetString(2)} that does not exist."
                        : reader.GetString(0);
                if (line != "ok")
                {
                    found.Add(line);
                }
            }
        }

        return found;
    }

    internal static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = mode,
                Pooling = false,
                DefaultTimeout = 30,
            }.ToString()
        );
        connection.Open();
        return connection;
    }
}
