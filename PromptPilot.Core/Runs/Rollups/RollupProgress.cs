namespace PromptPilot.Core.Runs.Rollups;

/// <summary>The kind of fact that is summed.</summary>
public enum RollupFacts
{
    Runs,
    Calls,
    Ratings,
}

/// <summary>How far the facts of a kind have been counted. Updated in the same transaction as the sums.</summary>
public sealed class RollupProgress
{
    public RollupFacts Facts { get; set; }

    /// <summary>The last counted row: rows up to it have been counted, later ones have not. Null: none has.</summary>
    public string? Last { get; set; }

    /// <summary>Incremented whenever the sums change, so that a result from an older state is discarded.</summary>
    public int Revision { get; set; }
}
