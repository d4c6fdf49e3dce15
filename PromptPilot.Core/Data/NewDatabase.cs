using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PromptPilot.Core.Data;

/// <summary>
/// Creates the file of a new database from the script of all migrations. EF takes ten times the CPU to run them one by one. Migrations that
/// the script lacks are run afterwards, as at an upgrade.
/// </summary>
public static class NewDatabase
{
    /// <summary>Written by <c>dotnet ef migrations script</c>.</summary>
    private const string Script = "Data.NewDatabase.sql";

    /// <summary>
    /// Creates the file, unless there is one. It gets its name only once it is complete and on the disk, so a start that is cut off leaves
    /// none.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="SqliteException">The same, or the disk is full.</exception>
    public static void Create(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var connection = new SqliteConnection($"Data Source={unfinished};Pooling=False"))
        {
            connection.Open();
            // Not by a command: once a statement answered with a row, as the first one does, it hides the errors of those that follow.
            var script = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;" + ReadScript();
            SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle!, script), connection.Handle);
        }

        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path);
    }

    private static string ReadScript()
    {
        using var script = new StreamReader(typeof(NewDatabase).Assembly.GetManifestResourceStream(Script)!);
        return script.ReadToEnd();
    }
}
