using PromptPilot.Core.Runs.State;

namespace PromptPilot.Web.Features.Runs;

/// <summary>A mark on the axis.</summary>
/// <param name="At">0 to 1.</param>
public sealed record TimelineTick(double At, string Label);

/// <summary>A step.</summary>
public sealed record TimelineRow(string StepId, string Label, StepStatus Status, IReadOnlyList<TimelineBar> Bars)
{
    /// <summary>Text is arriving.</summary>
    public bool IsLive { get; init; }

    /// <summary>The longest way from an input to here, in steps.</summary>
    public int Level { get; init; }

    /// <summary>The first row of its level.</summary>
    public bool StartsLevel { get; init; }

    /// <summary>0 where no call was made, and for a step with a list.</summary>
    public int Attempts { get; init; }

    /// <summary>“3 of 42” of a step with a list.</summary>
    public string? Items { get; init; }

    /// <summary>How long it took, or has taken so far.</summary>
    public string? Time { get; init; }

    /// <summary>Output tokens of all its calls.</summary>
    public long Tokens { get; init; }

    /// <summary>What it waits for, or why it has no output.</summary>
    public string? Note { get; init; }

    /// <summary>Whether both would look the same.</summary>
    public bool LooksLike(TimelineRow other) => this with { Bars = other.Bars } == other && Bars.SequenceEqual(other.Bars);
}

/// <summary>An attempt, or items of a list.</summary>
/// <param name="Start">0 to 1.</param>
/// <param name="Width">0 to 1; null: up to now, so that it grows without rendering.</param>
public sealed record TimelineBar(double Start, double? Width, string Tone, string Title);
