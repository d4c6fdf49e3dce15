namespace PromptPilot.Core.Insights.Arms;

/// <summary>A mean with its 95 % interval.</summary>
public sealed record MeanInterval(double Mean, double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>By the normal approximation; for values that cannot be negative, the interval begins at 0.</summary>
    /// <returns>Null for fewer than two values: they have no spread.</returns>
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

/// <summary>How one version of an A/B test does.</summary>
/// <param name="Share">Of the runs, 0 to 1, by its weight.</param>
/// <param name="Calls">Attempts that have ended.</param>
/// <param name="ErrorRate">Of the calls, 0 to 1, with the Wilson interval.</param>
/// <param name="Cost">Of a call, in USD.</param>
/// <param name="LatencyMs">Of a call that succeeded, in milliseconds.</param>
/// <param name="Rating">1 to 5.</param>
/// <param name="HasEnough">It has enough calls to be compared.</param>
/// <param name="HasEnoughRatings">It has enough ratings to be compared.</param>
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
);

/// <summary>How many of some calls failed, with the interval in which the true rate lies with 95 % confidence.</summary>
public sealed record ErrorInterval(int Failed, double Rate, double Low, double High);

/// <summary>An A/B test of a step of the published version.</summary>
/// <param name="By">The input by which runs are shared; null: each run by itself.</param>
/// <param name="Since">When it began in this form: calls before are not counted.</param>
/// <param name="Summary">One sentence that does not overstate what the calls show.</param>
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
/// <param name="IsStopped">All of them are stopped: steps use their own versions.</param>
public sealed record ArmsReport(bool IsStopped, IReadOnlyList<StepArmsResult> Steps);
