using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Core.Insights;

/// <summary>A row of sums, as far as a report needs it, with texts as they are stored.</summary>
/// <param name="Key">Of the group that the row belongs to.</param>
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
/// Reads rows of sums without making entities of them: a year has tens of thousands of rows, and most of the time of a report would be
/// spent on reading their times and enumerations.
/// </summary>
internal sealed class RollupLines(string table, string count, string key)
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _values = [];

    /// <summary>A time as it is stored.</summary>
    public static string Text(DateTime hour) => hour.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <param name="value">Null: any.</param>
    public RollupLines Where(string column, string? value) => Add($"\"{column}\" = {{0}}", value);

    /// <param name="promptId">Of the version in the column; null: any.</param>
    public RollupLines WherePrompt(string column, string? promptId) =>
        Add($"\"{column}\" IN (SELECT \"Id\" FROM \"PromptVersions\" WHERE \"PromptId\" = {{0}})", promptId);

    /// <summary>The rows of hours or days from a time on until another.</summary>
    public IQueryable<RollupLine> Read(PromptPilotDbContext db, RollupSpan span, DateTime from, DateTime to)
    {
        Add("\"Span\" = {0}", span.ToString()).Add("\"Start\" >= {0}", Text(from)).Add("\"Start\" < {0}", Text(to));
        var profile = table == nameof(db.CallRollups) ? "\"ModelProfileId\"" : "NULL";
        var sql =
            $"SELECT \"Start\", \"{key}\" AS \"Key\", \"Status\", {profile} AS \"ModelProfileId\", \"{count}\" AS \"Count\", "
            + "\"InputTokens\", \"OutputTokens\", \"Cost\", \"Latency\" "
            + $"FROM \"{table}\" WHERE {string.Join(" AND ", _conditions)}";
        return db.Database.SqlQueryRaw<RollupLine>(sql, [.. _values]);
    }

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
