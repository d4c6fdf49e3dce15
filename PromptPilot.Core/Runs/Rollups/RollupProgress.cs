namespace PromptPilot.Core.Runs.Rollups;

/// <summary>What is summed.</summary>
public enum RollupFacts
{
    Runs,
    Calls,
    Ratings,
}

/// <summary>How far the facts of a kind have been counted. Changes in the transaction that changes the sums.</summary>
public sealed class RollupProgress
{
    public RollupFacts Facts { get; set; }

    /// <summary>The newest counted row: those inserted up to it have been counted, those after it have not. Null: none has.</summary>
    public string? Last { get; set; }

    /// <summary>Raised whenever the sums change: what was computed from an older state is not written.</summary>
    public int Revision { get; set; }
}
