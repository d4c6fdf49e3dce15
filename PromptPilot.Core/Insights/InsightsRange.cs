using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Insights;

/// <summary>A validated time range. Ends at whole hours, or at whole days: its first and last week can be incomplete.</summary>
internal sealed record InsightsRange(DateTime From, DateTime To, InsightsUnit Unit)
{
    public const int MaxDays = 366;
    public const int MaxDaysByHour = 14;
    public const int DefaultDays = 30;

    /// <summary>Longer ranges are by week unless days are requested: a chart has no room for more points.</summary>
    public const int MostDaysByDefault = 92;

    private RollupSpan Span =>
        Unit switch
        {
            InsightsUnit.Hour => RollupSpan.Hour,
            InsightsUnit.Day => RollupSpan.Day,
            InsightsUnit.Week => RollupSpan.Week,
        };

    /// <summary>The number of points.</summary>
    public int Count => IndexOf(To.AddTicks(-1)) + 1;

    /// <summary>The range of the same length before this one. Its points need not match those of this range.</summary>
    public InsightsRange Previous => this with { From = From - (To - From), To = From };

    /// <summary>The start of a point.</summary>
    public DateTime Start(int point) => point == 0 ? From : Span.StartOf(From) + (point * Span.Length());

    /// <summary>The point that a time in the range belongs to.</summary>
    public int IndexOf(DateTime time) => (int)((time - Span.StartOf(From)) / Span.Length());

    /// <summary>The rows that add up to the range: whole weeks, with single days before and after them.</summary>
    public IEnumerable<RollupPart> Parts()
    {
        if (Unit != InsightsUnit.Week)
        {
            return [new RollupPart(Span, From, To)];
        }

        var week = RollupSpan.Week.Length();
        var first = Earlier(RollupSpan.Week.StartOf(From.Add(week).AddTicks(-1)), To);
        var last = RollupSpan.Week.StartOf(To);
        last = last < first ? first : last;
        RollupPart[] parts = [new(RollupSpan.Day, From, first), new(RollupSpan.Week, first, last), new(RollupSpan.Day, last, To)];
        return parts.Where(part => part.From < part.To);
    }

    public static Result<InsightsRange> Of(InsightsFilter filter, DateTime now)
    {
        var to = filter.To ?? now;
        var from = filter.From ?? to.AddDays(-DefaultDays);
        if (from >= to)
        {
            return Problem.AtField("from", "The range ends before it starts. Choose an earlier start or a later end.");
        }

        var unit = filter.Unit ?? UnitFor(to - from);
        // Rounding adds an hour to a range of 14 days up to now.
        var step = unit == InsightsUnit.Hour ? TimeSpan.TicksPerHour : TimeSpan.TicksPerDay;
        var range = new InsightsRange(
            new DateTime(from.Ticks / step * step, DateTimeKind.Utc),
            new DateTime((to.Ticks + step - 1) / step * step, DateTimeKind.Utc),
            unit
        );
        if (unit != InsightsUnit.Hour && range.To - range.From > TimeSpan.FromDays(MaxDays + 1))
        {
            return Problem.AtField("from", $"A range can have at most {MaxDays} days. Choose a later start.");
        }

        return unit == InsightsUnit.Hour && range.Count > (MaxDaysByHour * 24) + 1
            ? Problem.AtField("unit", $"By hour, a range can have at most {MaxDaysByHour} days. Choose a shorter range, or group by day.")
            : range;
    }

    private static InsightsUnit UnitFor(TimeSpan length) =>
        length <= TimeSpan.FromDays(2) ? InsightsUnit.Hour
        : length <= TimeSpan.FromDays(MostDaysByDefault) ? InsightsUnit.Day
        : InsightsUnit.Week;

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}

/// <summary>Rows of one span, from the first time up to before the second.</summary>
internal readonly record struct RollupPart(RollupSpan Span, DateTime From, DateTime To);
