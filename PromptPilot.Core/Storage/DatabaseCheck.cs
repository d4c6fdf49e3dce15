using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PromptPilot.Core.Storage;

/// <summary>Looks at a database file before the portal opens it, and marks it as the portal's own.</summary>
public static class DatabaseCheck
{
    /// <summary>The application id in the file's header: “PPro”. Other applications use 0 or their own.</summary>
    private const int ApplicationId = 0x5050726F;

    /// <summary>How long pages are checked at start. A large database is not read completely.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static ReadOnlySpan<byte> Signature => "SQLite format 3\0"u8;

    /// <summary>True when the portal may open a file. Changes nothing in it.</summary>
    /// <param name="known">The migrations of this build.</param>
    /// <param name="version">The version of this build.</param>
    /// <returns>Null when it may, or when there is no file yet; otherwise what is wrong and what to do.</returns>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Refusal(string database, IReadOnlyCollection<string> known, Version version)
    {
        if (Directory.Exists(database))
        {
            return $"{database} is a folder, but should be the database file. Move it away, or set PromptPilot:DataDirectory to another "
                + "directory.";
        }

        if (!File.Exists(database) || new FileInfo(database).Length == 0)
        {
            return null;
        }

        if (!HasSignature(database))
        {
            return $"{database} is not a SQLite database. {Replace}";
        }

        try
        {
            using var connection = DatabaseCopy.Open(database, SqliteOpenMode.ReadOnly);
            return RefusalOf(connection, database, known, version);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return Damaged(database, exception.Message);
        }
    }

    /// <summary>Writes into the header that the file is the portal's, and the version that upgraded it last.</summary>
    public static void Mark(string database, Version version)
    {
        using var connection = DatabaseCopy.Open(database, SqliteOpenMode.ReadWrite);
        Set("application_id", ApplicationId);
        Set("user_version", Number(version));

        void Set(string pragma, long value)
        {
            if (Read(connection, $"PRAGMA {pragma}") is not long now || now != value)
            {
                Read(connection, $"PRAGMA {pragma} = {value}");
            }
        }
    }

    /// <summary>One sentence about a file that SQLite says is damaged, and the way out.</summary>
    public static string Damaged(string database, string detail) =>
        $"The database {database} is damaged ({detail.TrimEnd('.')}). {Replace}";

    private static string Replace =>
        "Move it away, together with its -wal and -shm files, then restore a backup: PromptPilot.Web restore FILE.";

    private static string? RefusalOf(SqliteConnection connection, string database, IReadOnlyCollection<string> known, Version version)
    {
        // A first start that was cut off can leave the tables of the migrations alone.
        var tables = (long)
            Read(connection, @"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\_\_EFMigrations%' ESCAPE '\'")!;
        var owner = (long)Read(connection, "PRAGMA application_id")!;
        var history = Read(connection, "SELECT count(*) FROM sqlite_schema WHERE name = '__EFMigrationsHistory'") is > 0L;
        var applied = history ? Lines(connection, "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY 1") : [];
        if (owner is not 0 and not ApplicationId || (owner == 0 && tables > 0 && !applied.Intersect(known).Any()))
        {
            return $"{database} belongs to another application. Set PromptPilot:DataDirectory to another directory, or move this file "
                + "elsewhere.";
        }

        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            var written = (long)Read(connection, "PRAGMA user_version")!;
            var by = written > Number(version) ? $"PromptPilot {VersionOf(written)}" : "another version of PromptPilot";
            return $"The database {database} was upgraded by {by} (latest migration {unknown}). This is PromptPilot "
                + $"{version.ToString(3)}, which cannot read it. Install that version again, or restore an older backup into an "
                + "empty data directory: PromptPilot.Web restore FILE.";
        }

        return FirstFault(connection) is { } fault ? Damaged(database, fault) : null;
    }

    private static string? FirstFault(SqliteConnection connection)
    {
        using var limit = new Timer(_ => raw.sqlite3_interrupt(connection.Handle), null, Limit, Timeout.InfiniteTimeSpan);
        try
        {
            return Read(connection, "PRAGMA quick_check(1)") is string fault and not "ok" ? fault.ReplaceLineEndings(" ") : null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return null;
        }
    }

    private static bool HasSignature(string database)
    {
        Span<byte> head = stackalloc byte[Signature.Length];
        using var file = new FileStream(database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(Signature);
    }

    private static long Number(Version version) => (version.Major * 1_000_000L) + (version.Minor * 1_000L) + Math.Max(0, version.Build);

    private static string VersionOf(long number) => $"{number / 1_000_000}.{number / 1_000 % 1_000}.{number % 1_000}";

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static List<string> Lines(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string> lines = [];
        while (reader.Read())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
