using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Insights;

/// <summary>A validated time range in whole hours or days.</summary>
internal sealed record InsightsRange(DateTime From, DateTime To, InsightsUnit Unit)
{
    public const int MaxDays = 366;
    public const int MaxDaysByHour = 14;
    public const int DefaultDays = 30;

    public TimeSpan Step => Unit == InsightsUnit.Hour ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1);

    public int Count => (int)((To - From) / Step);

    public static Result<InsightsRange> Of(InsightsFilter filter, DateTime now)
    {
        var to = filter.To ?? now;
        var from = filter.From ?? to.AddDays(-DefaultDays);
        if (from >= to)
        {
            return Problem.AtField("from", "The range ends before it starts. Choose an earlier start or a later end.");
        }

        var unit = filter.Unit ?? (to - from <= TimeSpan.FromDays(2) ? InsightsUnit.Hour : InsightsUnit.Day);
        // Rounding adds an hour to a range of 14 days up to now.
        var step = unit == InsightsUnit.Hour ? TimeSpan.TicksPerHour : TimeSpan.TicksPerDay;
        var range = new InsightsRange(
            new DateTime(from.Ticks / step * step, DateTimeKind.Utc),
            new DateTime((to.Ticks + step - 1) / step * step, DateTimeKind.Utc),
            unit
        );
        if (unit == InsightsUnit.Day && range.Count > MaxDays + 1)
        {
            return Problem.AtField("from", $"A range can have at most {MaxDays} days. Choose a later start.");
        }

        return unit == InsightsUnit.Hour && range.Count > (MaxDaysByHour * 24) + 1
            ? Problem.AtField("unit", $"By hour, a range can have at most {MaxDaysByHour} days. Choose a shorter range, or group by day.")
            : range;
    }
}
