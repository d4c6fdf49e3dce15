namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Starts and lengths of the time spans of rollup rows.</summary>
internal static class RollupSpans
{
    /// <summary>The start of the hour, day or week that contains a time (UTC).</summary>
    public static DateTime StartOf(this RollupSpan span, DateTime time) =>
        span switch
        {
            RollupSpan.Hour => time.Date.AddHours(time.Hour),
            RollupSpan.Day => time.Date,
            RollupSpan.Week => time.Date.AddDays(-(((int)time.DayOfWeek + 6) % 7)),
        };

    public static TimeSpan Length(this RollupSpan span) =>
        span switch
        {
            RollupSpan.Hour => TimeSpan.FromHours(1),
            RollupSpan.Day => TimeSpan.FromDays(1),
            RollupSpan.Week => TimeSpan.FromDays(7),
        };
}
