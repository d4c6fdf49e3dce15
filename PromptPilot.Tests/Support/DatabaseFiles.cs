using Microsoft.Data.Sqlite;
using PromptPilot.Core.Storage;

namespace PromptPilot.Tests.Support;

/// <summary>SQLite files that are made for a test.</summary>
public static class DatabaseFiles
{
    /// <summary>Makes a file by some statements.</summary>
    public static void Make(string file, params string[] statements)
    {
        using var connection = DatabaseCopy.Open(file, SqliteOpenMode.ReadWriteCreate);
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements of tests, written in their source.
            command.CommandText = statement;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }
}
