namespace PromptPilot.Core.Runs;

/// <summary>Section <c>PromptPilot:Runs</c>.</summary>
public sealed class RunsOptions
{
    public const string Section = "PromptPilot:Runs";
    public const int MostConcurrentRuns = 10_000;

    /// <summary>How many runs execute at the same time; the rest is queued. 1 to 10,000.</summary>
    public int MaxConcurrentRuns { get; set; } = 256;

    /// <summary>How long attempts in flight may continue when the host stops, in seconds. 0 to 25.</summary>
    public int StopGraceSeconds { get; set; } = 10;

    /// <summary>
    /// The wait after the first failed attempt, in milliseconds; it doubles with each further one, up to a minute. 1 to 60,000.
    /// </summary>
    public int RetryDelayMilliseconds { get; set; } = 1000;

    /// <summary>A run that would wait longer gives up its slot, in seconds. 0 to 60.</summary>
    public double ParkAfterSeconds { get; set; } = 5;

    /// <summary>
    /// Ended runs, and calls outside of runs, are removed after so many days, unless rated or pinned; a workflow can say otherwise for its
    /// runs. 0 to 3650; 0: for ever.
    /// </summary>
    public int KeepDays { get; set; } = 90;

    /// <summary>
    /// Only the newest so many ended runs of each workflow are kept, besides rated and pinned ones; a workflow can say otherwise. 0 to
    /// 1,000,000; 0: no limit.
    /// </summary>
    public int KeepRuns { get; set; }

    internal TimeSpan RetryDelay => TimeSpan.FromMilliseconds(RetryDelayMilliseconds);

    internal TimeSpan ParkAfter => TimeSpan.FromSeconds(ParkAfterSeconds);

    /// <summary>The most text a run's inputs may hold, in characters of JSON.</summary>
    public int MaxInputLength { get; set; } = 4_000_000;
}
