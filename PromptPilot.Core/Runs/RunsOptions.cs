namespace PromptPilot.Core.Runs;

/// <summary>Section <c>PromptPilot:Runs</c>.</summary>
public sealed class RunsOptions
{
    public const string Section = "PromptPilot:Runs";
    public const int MostConcurrentRuns = 10_000;

    /// <summary>Maximum number of runs that execute at the same time; others are queued. 1 to 10,000.</summary>
    public int MaxConcurrentRuns { get; set; } = 256;

    /// <summary>Time that attempts in flight may continue when the host stops, in seconds. 0 to 25.</summary>
    public int StopGraceSeconds { get; set; } = 10;

    /// <summary>
    /// Delay after the first failed attempt, in milliseconds; it doubles with each further one, up to a minute. 1 to 60,000.
    /// </summary>
    public int RetryDelayMilliseconds { get; set; } = 1000;

    /// <summary>A run that has to wait longer than this frees its slot, in seconds. 0 to 60.</summary>
    public double ParkAfterSeconds { get; set; } = 5;

    /// <summary>
    /// Days to keep ended runs and calls outside of runs, unless rated or pinned. A workflow can override it. 0 to 3,650; 0: forever.
    /// </summary>
    public int KeepDays { get; set; } = 90;

    /// <summary>
    /// Number of ended runs to keep per workflow, besides rated and pinned ones. A workflow can override it. 0 to 1,000,000; 0: no limit.
    /// </summary>
    public int KeepRuns { get; set; }

    internal TimeSpan RetryDelay => TimeSpan.FromMilliseconds(RetryDelayMilliseconds);

    internal TimeSpan ParkAfter => TimeSpan.FromSeconds(ParkAfterSeconds);

    /// <summary>Maximum total size of a run's inputs, in characters of JSON.</summary>
    public int MaxInputLength { get; set; } = 4_000_000;

    /// <summary>
    /// On PostgreSQL: seconds without a renewed lease after which other hosts take over a host's runs. 3 to 300.
    /// </summary>
    public int LeaseSeconds { get; set; } = 15;
}
