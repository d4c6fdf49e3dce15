namespace PromptPilot.Core.Workflows;

/// <summary>Handling of firings that were due while the host was down.</summary>
public enum MisfirePolicy
{
    /// <summary>None of them starts a run.</summary>
    Skip,

    /// <summary>The newest of them starts one run, unless a firing that is due in time does so anyway.</summary>
    Once,

    /// <summary>Each starts a run, the newest up to <see cref="ScheduleSettings.CatchUpLimit"/>.</summary>
    All,
}

/// <summary>Handling of a firing while a run of the same schedule is not finished.</summary>
public enum OverlapPolicy
{
    /// <summary>Both run.</summary>
    Allow,

    /// <summary>It starts no run.</summary>
    Skip,

    /// <summary>It starts when the runs before it have ended.</summary>
    Queue,
}

/// <summary>The times at which a scheduled trigger fires, and what it does about missed ones.</summary>
public sealed record ScheduleSettings
{
    public const int MostCaughtUp = 100;

    /// <summary>
    /// Five fields: minute, hour, day of month, month, day of week; also <c>L</c>, <c>W</c> and <c>#</c>. Two restricted day fields mean
    /// either.
    /// </summary>
    public required string Cron { get; init; }

    /// <summary>IANA name of the time zone that the expression is read in.</summary>
    public required string TimeZone { get; init; }

    public MisfirePolicy Misfire { get; init; }

    /// <summary>The most missed firings that <see cref="MisfirePolicy.All"/> makes up for, 1–100.</summary>
    public int CatchUpLimit { get; init; } = 10;

    public OverlapPolicy Overlap { get; init; }

    /// <summary>No firing before this moment (UTC).</summary>
    public DateTime? StartsAt { get; init; }

    /// <summary>No firing after this moment (UTC).</summary>
    public DateTime? EndsAt { get; init; }
}
