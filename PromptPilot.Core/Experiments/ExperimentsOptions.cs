namespace PromptPilot.Core.Experiments;

/// <summary>Section <c>PromptPilot:Experiments</c>.</summary>
public sealed class ExperimentsOptions
{
    public const string Section = "PromptPilot:Experiments";

    internal const int MostKilobytes = 7168;

    /// <summary>
    /// The most that experiments together use of the slots for runs and of each model profile's concurrent calls, in percent; always one
    /// less than there are, where there is more than one. 1 to 100.
    /// </summary>
    public int SharePercent { get; set; } = 25;

    /// <summary>The most rows that a batch can have. 1 to 5,000.</summary>
    public int MaxBatchRows { get; set; } = 1000;

    /// <summary>The largest file of a batch, in KB. 1 to 7,168.</summary>
    public int MaxBatchKilobytes { get; set; } = 4096;

    /// <summary>The number of <paramref name="all"/> slots that experiments may use: at least one, and at most all but one.</summary>
    internal int ShareOf(int all) => Math.Max(1, Math.Min(all - 1, all * SharePercent / 100));
}
