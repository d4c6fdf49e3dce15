namespace PromptPilot.Core.Runs.Budgets;

/// <summary>The day and month (UTC) of a time.</summary>
internal readonly record struct Period(DateTime Day, DateTime Month)
{
    public static Period Of(DateTime moment) => new(moment.Date, new DateTime(moment.Year, moment.Month, 1, 0, 0, 0, DateTimeKind.Utc));
}

/// <summary>
/// Spending of one workflow or profile and the upper bounds of its open calls, in nano-USD. Guarded by the lock of
/// <see cref="RunBudgets"/>.
/// </summary>
internal sealed class Spend
{
    private Period _period;

    /// <summary>Completes once earlier spending is known; set by its creator.</summary>
    public required Task Loaded { get; init; }

    public long Day { get; private set; }

    public long Month { get; private set; }

    /// <summary>Upper bounds of open calls. Yesterday's are included until they end.</summary>
    public long Open { get; set; }

    /// <summary>Starts a new day or month with nothing spent.</summary>
    public void RollOver(Period now)
    {
        if (_period.Day < now.Day)
        {
            Day = 0;
        }

        if (_period.Month < now.Month)
        {
            Month = 0;
        }

        _period = now;
    }

    /// <summary>Adds spending of a period, unless it is over.</summary>
    public void Add(Period period, long inDay, long inMonth)
    {
        Day += period.Day == _period.Day ? inDay : 0;
        Month += period.Month == _period.Month ? inMonth : 0;
    }
}

/// <summary>Known spending of one run and the upper bounds of its open calls, in nano-USD.</summary>
internal sealed class RunSpend
{
    public long Settled { get; set; }

    public long Open { get; set; }
}
