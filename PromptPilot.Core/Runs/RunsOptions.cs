namespace PromptPilot.Core.Runs;

/// <summary>Section <c>PromptPilot:Runs</c>.</summary>
public sealed class RunsOptions
{
    public const string Section = "PromptPilot:Runs";
    public const int MostConcurrentRuns = 10_000;

    /// <summary>How many runs execute at the same time; the rest is queued. 1 to 10,000.</summary>
    public int MaxConcurrentRuns { get; set; } = 256;

    /// <summary>How long attempts in flight may go on when the host is told to stop, in seconds. 0 to 25.</summary>
    public int StopGraceSeconds { get; set; } = 10;

    /// <summary>The most text a run's inputs may hold, in characters of JSON.</summary>
    public int MaxInputLength { get; set; } = 4_000_000;
}
