namespace PromptPilot.Core.Experiments.Statistics;

/// <summary>A pass rate with its 95% confidence interval.</summary>
/// <param name="Rate">0 to 1.</param>
/// <param name="Low">0 to 1.</param>
/// <param name="High">0 to 1.</param>
public sealed record PassRate(int Passed, int Count, double Rate, double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>
    /// The score interval of Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22:209–212. It stays
    /// within 0 and 1 and holds for few cases and for rates near 0 and 1, where the usual one fails.
    /// </summary>
    /// <param name="count">0 gives the interval from 0 to 1: nothing is known.</param>
    public static PassRate Of(int passed, int count)
    {
        if (count == 0)
        {
            return new PassRate(0, 0, 0, 0, 1);
        }

        double n = count;
        var rate = passed / n;
        var center = rate + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((rate * (1 - rate) / n) + (Z * Z / (4 * n * n)));
        var scale = 1 + (Z * Z / n);
        return new PassRate(
            passed,
            count,
            rate,
            passed == 0 ? 0 : Math.Max(0, (center - half) / scale),
            passed == count ? 1 : Math.Min(1, (center + half) / scale)
        );
    }
}
