using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Indexes;

/// <summary>
/// PostgreSQL's pg_trgm (https://www.postgresql.org/docs/current/pgtrgm.html) over one generated column with all texts of a prompt. EF does
/// not know the column.
/// </summary>
internal sealed class TrigramIndex : IPromptIndex
{
    private const string Column = "SearchText";

    /// <summary>A number in its name makes the column again when the function changes.</summary>
    private const string Texts = "prompt_search_text_1";

    private const string Plain = "prompt_plain_text";

    private const string Index = "IX_Prompts_SearchText";

    /// <summary>Knows all letters, while the portal's columns and many databases have the collation C, which knows ASCII.</summary>
    private const string AnyLetters = "und-x-icu";

    private const string IsCurrentSql = $"""
        SELECT EXISTS (
          SELECT FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
          WHERE d.adrelid = CAST('"Prompts"' AS regclass) AND a.attname = '{Column}' AND pg_get_expr(d.adbin, d.adrelid) LIKE '{Texts}(%'
        ) AND to_regclass('"{Index}"') IS NOT NULL AS "Value"
        """;

    private const string HasLettersSql = $"""
        SELECT EXISTS (SELECT FROM pg_collation WHERE collname = '{AnyLetters}') AS "Value"
        """;

    /// <summary>Only the texts of messages. Damaged values are left out, so that they do not block writing the prompt.</summary>
    private const string TextsSql = $"""
        CREATE OR REPLACE FUNCTION {Texts}(name text, category text, tags text[], content text, system text, messages text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE
          parts text := '';
        BEGIN
          BEGIN
            SELECT coalesce(string_agg(message ->> 'content', chr(10)), '') INTO parts FROM json_array_elements(messages::json) AS message;
          EXCEPTION WHEN OTHERS THEN
            parts := '';
          END;
          RETURN {Plain}(concat_ws(chr(10), name, category, array_to_string(tags, chr(10)), content, system, parts));
        END $$
        """;

    private const string ColumnSql = $"""
        ALTER TABLE "Prompts" ADD COLUMN "{Column}" text
        GENERATED ALWAYS AS ({Texts}("Name", "Metadata_Category", "Metadata_Tags", "Content", "SystemMessage", "Messages")) STORED
        """;

    /// <inheritdoc/>
    public async Task<bool> EnsureAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        if (await IsTrueAsync(db, IsCurrentSql, cancellationToken))
        {
            return false;
        }

        var letters = await IsTrueAsync(db, HasLettersSql, cancellationToken) ? AnyLetters : "default";
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (
            var statement in (string[])
                [
                    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
                        // Without case and accents, as SQLite's index has it.
                        $"""
                        CREATE OR REPLACE FUNCTION {Plain}(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
                          SELECT regexp_replace(lower(normalize(given, NFD) COLLATE "{letters}"), '[\u0300-\u036F]', '', 'g')
                        $$
                        """,
                    TextsSql,
                    $"ALTER TABLE \"Prompts\" DROP COLUMN IF EXISTS \"{Column}\"",
                    ColumnSql,
                    $"CREATE INDEX \"{Index}\" ON \"Prompts\" USING gin (\"{Column}\" gin_trgm_ops)",
                ]
        )
        {
            await db.Database.ExecuteSqlRawAsync(statement, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public IQueryable<Prompt> Find(PromptPilotDbContext db, IReadOnlyList<string> words) =>
        db.Prompts.FromSqlRaw(Containing(words.Count), [.. words.Select(LikePattern.Containing)]);

    /// <summary>SQL for the prompts that fit a number of patterns.</summary>
    private static string Containing(int patterns)
    {
        var conditions = Enumerable
            .Range(0, patterns)
            .Select(at => string.Create(CultureInfo.InvariantCulture, $"\"{Column}\" LIKE {Plain}({{{at}}}) ESCAPE '\\'"));
        return $"SELECT * FROM \"Prompts\" WHERE {string.Join(" AND ", conditions)}";
    }

    private static async Task<bool> IsTrueAsync(PromptPilotDbContext db, string sql, CancellationToken cancellationToken) =>
        (await db.Database.SqlQueryRaw<bool>(sql).ToListAsync(cancellationToken))[0];
}
