using System.Text.Json.Serialization;

namespace PromptPilot.Core.Insights.Arms;

/// <summary>A mean with its 95% interval.</summary>
public sealed record MeanInterval(double Mean, double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>Uses the normal approximation. For values that cannot be negative, the interval begins at 0.</summary>
    /// <returns>Null for fewer than two values, which have no spread.</returns>
    internal static MeanInterval? Of(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
        {
            return null;
        }

        var mean = values.Average();
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        var margin = Z * Math.Sqrt(variance / values.Count);
        return new MeanInterval(mean, Math.Max(0, mean - margin), mean + margin);
    }
}

/// <summary>The results of one arm of an A/B test.</summary>
/// <param name="Share">Its share of the runs by weight, 0 to 1.</param>
/// <param name="Calls">Ended attempts.</param>
/// <param name="ErrorRate">Share of failed calls, 0 to 1, with the Wilson interval.</param>
/// <param name="Cost">Cost of a call in USD.</param>
/// <param name="LatencyMs">Duration of a successful call in milliseconds.</param>
/// <param name="Rating">1 to 5.</param>
/// <param name="HasEnough">True if it has enough calls to compare.</param>
/// <param name="HasEnoughRatings">True if it has enough ratings to compare.</param>
public sealed record ArmResult(
    string PromptVersionId,
    string Version,
    double Share,
    int Calls,
    ErrorInterval ErrorRate,
    MeanInterval? Cost,
    MeanInterval? LatencyMs,
    long? LatencyP95Ms,
    int Ratings,
    MeanInterval? Rating,
    bool HasEnough,
    bool HasEnoughRatings
)
{
    /// <summary>Id of its model profile.</summary>
    public string Model { get; init; } = "";

    public string ModelName { get; init; } = "";

    /// <summary>The arms differ in their model profiles.</summary>
    [JsonIgnore]
    public bool IsNamedWithModel { get; init; }

    /// <summary>For people, e.g. 1.2.0, or 1.2.0 on Fast.</summary>
    [JsonIgnore]
    public string Name => IsNamedWithModel ? $"{Version} on {ModelName}" : Version;
}

/// <summary>The share of failed calls with its 95% confidence interval.</summary>
public sealed record ErrorInterval(int Failed, double Rate, double Low, double High);

/// <summary>An A/B test of a step of the published version.</summary>
/// <param name="By">The input that decides the version; null: each run is decided by itself.</param>
/// <param name="Since">When the test was last changed. Earlier calls are not counted.</param>
/// <param name="Summary">The finding in one sentence.</param>
public sealed record StepArmsResult(
    string StepId,
    string OutputKey,
    string PromptId,
    string PromptName,
    string? By,
    DateTime Since,
    string Summary,
    IReadOnlyList<ArmResult> Arms
);

/// <summary>The A/B tests of a workflow.</summary>
/// <param name="IsStopped">True if they are stopped: steps use their own versions.</param>
public sealed record ArmsReport(bool IsStopped, IReadOnlyList<StepArmsResult> Steps);
