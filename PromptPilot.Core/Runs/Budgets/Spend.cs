namespace PromptPilot.Core.Runs.Budgets;

/// <summary>The day and the month (UTC) that a moment lies in.</summary>
internal readonly record struct Period(DateTime Day, DateTime Month)
{
    public static Period Of(DateTime moment) => new(moment.Date, new DateTime(moment.Year, moment.Month, 1, 0, 0, 0, DateTimeKind.Utc));
}

/// <summary>
/// What one workflow or profile has spent, and what its open calls may still cost, in nano-USD. Guarded by the lock of
/// <see cref="RunBudgets"/>.
/// </summary>
internal sealed class Spend
{
    private Period _period;

    /// <summary>Completes when what was spent before is known; set by its creator.</summary>
    public required Task Loaded { get; init; }

    public long Day { get; private set; }

    public long Month { get; private set; }

    /// <summary>Upper bounds of calls that were let through and have not ended. Those of yesterday count until they end.</summary>
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

    /// <summary>Adds what was spent in a period, as far as that is not over.</summary>
    public void Add(Period period, long inDay, long inMonth)
    {
        Day += period.Day == _period.Day ? inDay : 0;
        Month += period.Month == _period.Month ? inMonth : 0;
    }
}

/// <summary>What one run has spent as far as it is known here, and what its open calls may still cost, in nano-USD.</summary>
internal sealed class RunSpend
{
    public long Settled { get; set; }

    public long Open { get; set; }
}
