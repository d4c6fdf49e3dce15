using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Prompts.Indexes;

/// <summary>
/// SQLite's FTS5 (https://sqlite.org/fts5.html) with trigrams, which find parts of words in any script. Triggers keep the index current.
/// </summary>
internal sealed class FullTextIndex : IPromptIndex
{
    private const string Columns = "Name, Category, Tags, Content, SystemMessage, Messages";

    /// <summary>Only the texts of messages. Damaged values are left out, so that they do not block writing the prompt.</summary>
    private const string MessageTexts =
        "CASE WHEN json_valid({0}Messages) THEN coalesce((SELECT group_concat(value ->> 'content', char(10)) FROM "
        + "json_each({0}Messages)), '') ELSE '' END";

    private static readonly string NewRow = RowOf("new.");

    // The index keeps no copy of the texts. Its rows are numbered by a table of ours: the row numbers of Prompts may change in a VACUUM.
    private static readonly (string Kind, string Name, string Sql)[] Parts =
    [
        ("TABLE", "PromptSearchKeys", "CREATE TABLE PromptSearchKeys (Number INTEGER PRIMARY KEY, PromptId TEXT NOT NULL UNIQUE)"),
        (
            "TABLE",
            "PromptSearch",
            $"CREATE VIRTUAL TABLE PromptSearch USING fts5({Columns}, content='', contentless_delete=1, tokenize='trigram "
                + "remove_diacritics 1')"
        ),
        (
            "TRIGGER",
            "PromptSearchInsert",
            $"""
            CREATE TRIGGER PromptSearchInsert AFTER INSERT ON Prompts BEGIN
              INSERT INTO PromptSearchKeys (PromptId) VALUES (new.Id);
              INSERT INTO PromptSearch (rowid, {Columns}) SELECT Number, {NewRow} FROM PromptSearchKeys WHERE PromptId = new.Id;
            END
            """
        ),
        (
            "TRIGGER",
            "PromptSearchUpdate",
            $"""
            CREATE TRIGGER PromptSearchUpdate AFTER UPDATE OF Name, Metadata_Category, Metadata_Tags, Content, SystemMessage, Messages ON Prompts BEGIN
              DELETE FROM PromptSearch WHERE rowid = (SELECT Number FROM PromptSearchKeys WHERE PromptId = new.Id);
              INSERT INTO PromptSearch (rowid, {Columns}) SELECT Number, {NewRow} FROM PromptSearchKeys WHERE PromptId = new.Id;
            END
            """
        ),
        (
            "TRIGGER",
            "PromptSearchDelete",
            """
            CREATE TRIGGER PromptSearchDelete AFTER DELETE ON Prompts BEGIN
              DELETE FROM PromptSearch WHERE rowid = (SELECT Number FROM PromptSearchKeys WHERE PromptId = old.Id);
              DELETE FROM PromptSearchKeys WHERE PromptId = old.Id;
            END
            """
        ),
    ];

    /// <inheritdoc/>
    public async Task<bool> EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var found = await db
            .Database.SqlQueryRaw<string>("SELECT sql AS Value FROM sqlite_master WHERE name LIKE 'PromptSearch%' AND sql IS NOT NULL")
            .ToListAsync(cancellationToken);
        if (Parts.All(part => found.Contains(part.Sql)))
        {
            var counts = await db
                .Database.SqlQueryRaw<int>("SELECT (SELECT count(*) FROM Prompts) - (SELECT count(*) FROM PromptSearchKeys) AS Value")
                .SingleAsync(cancellationToken);
            if (counts == 0)
            {
                return false;
            }
        }

        await RebuildAsync(db, cancellationToken);
        return true;
    }

    /// <summary>Throws the index away and makes it again.</summary>
    private static async Task RebuildAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var statements = Parts
            .Reverse()
            .Select(part => $"DROP {part.Kind} IF EXISTS {part.Name}")
            .Concat(Parts.Select(part => part.Sql))
            .Append("INSERT INTO PromptSearchKeys (PromptId) SELECT Id FROM Prompts")
            .Append(
                $"INSERT INTO PromptSearch (rowid, {Columns}) SELECT Number, {RowOf("Prompts.")} FROM Prompts JOIN "
                    + "PromptSearchKeys ON PromptId = Id"
            );
        foreach (var statement in statements)
        {
            await db.Database.ExecuteSqlRawAsync(statement, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public IQueryable<Prompt> Find(PromptPilotDbContext db, IReadOnlyList<string> words)
    {
        var match = Match(words);
        return db.Prompts.FromSql(
            $"""
            SELECT * FROM Prompts WHERE Id IN (
              SELECT PromptId FROM PromptSearch JOIN PromptSearchKeys ON Number = PromptSearch.rowid WHERE PromptSearch MATCH {match})
            """
        );
    }

    /// <summary>
    /// An FTS5 expression in which nothing that was typed is an operator: each word is a quoted string, and all have to be there.
    /// </summary>
    internal static string Match(IEnumerable<string> words) =>
        string.Join(' ', words.Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));

    private static string RowOf(string row) =>
        $"{row}Name, {row}Metadata_Category, {row}Metadata_Tags, {row}Content, coalesce({row}SystemMessage, ''), "
        + MessageTexts.Replace("{0}", row, StringComparison.Ordinal);
}
