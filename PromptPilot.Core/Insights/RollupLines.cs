using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Insights;

/// <summary>The columns of a rollup row that a report needs, with texts as stored.</summary>
/// <param name="Key">Key of the row's group.</param>
/// <param name="Count">Runs or calls.</param>
/// <param name="ModelProfileId">Null for runs.</param>
internal sealed record RollupLine(
    string Start,
    string Key,
    string Status,
    string? ModelProfileId,
    long Count,
    long InputTokens,
    long OutputTokens,
    long Cost,
    byte[] Latency
);

/// <summary>
/// Reads rollup rows without creating entities. A year has tens of thousands of rows, and parsing their times and enumerations would
/// take most of a report's time.
/// </summary>
internal sealed class RollupLines(string table, string count, string key)
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _values = [];

    /// <summary>A time as stored.</summary>
    public static string Text(DateTime hour) => hour.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <param name="value">Null: any.</param>
    public RollupLines Where(string column, string? value) => Add($"\"{column}\" = {{0}}", value);

    /// <param name="promptId">Prompt of the version in the column; null: any.</param>
    public RollupLines WherePrompt(string column, string? promptId) =>
        Add($"\"{column}\" IN (SELECT \"Id\" FROM \"PromptVersions\" WHERE \"PromptId\" = {{0}})", promptId);

    /// <summary>The rows of a part of a range.</summary>
    public IQueryable<RollupLine> Read(PromptPilotDbContext db, RollupPart part)
    {
        var profile = table == nameof(db.CallRollups) ? "\"ModelProfileId\"" : "NULL";
        var first = _values.Count;
        string[] conditions = [.. _conditions, $"\"Span\" = {{{first}}}", $"\"Start\" >= {{{first + 1}}}", $"\"Start\" < {{{first + 2}}}"];
        var sql =
            $"SELECT {db.TextOfTime("\"Start\"")} AS \"Start\", \"{key}\" AS \"Key\", \"Status\", "
            + $"{profile} AS \"ModelProfileId\", \"{count}\" AS \"Count\", "
            + "\"InputTokens\", \"OutputTokens\", \"Cost\", \"Latency\" "
            + $"FROM \"{table}\" WHERE {string.Join(" AND ", conditions)}";
        return db.Database.SqlQueryRaw<RollupLine>(sql, [.. _values, part.Span.ToString(), Utc(part.From), Utc(part.To)]);
    }

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    private RollupLines Add(string condition, string? value)
    {
        if (value is not null)
        {
            _conditions.Add(condition.Replace("{0}", $"{{{_values.Count}}}", StringComparison.Ordinal));
            _values.Add(value);
        }

        return this;
    }
}
