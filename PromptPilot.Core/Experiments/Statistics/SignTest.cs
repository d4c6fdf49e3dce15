namespace PromptPilot.Core.Experiments.Statistics;

/// <summary>
/// The exact sign test over pairs: how likely a split into better and worse at least this uneven would be if both were equally good.
/// </summary>
public static class SignTest
{
    /// <summary>The two-sided p-value; pairs that are the same say nothing and are left out. 1 without any other pair.</summary>
    public static double PValue(int better, int worse)
    {
        var n = better + worse;
        if (n == 0)
        {
            return 1;
        }

        // In logarithms, because the binomial coefficients of a few thousand pairs exceed a double.
        var least = Math.Min(better, worse);
        var logCoefficient = 0.0;
        var tail = 0.0;
        for (var k = 0; k <= least; k++)
        {
            tail += Math.Exp(logCoefficient - (n * Math.Log(2)));
            logCoefficient += Math.Log(n - k) - Math.Log(k + 1);
        }

        return Math.Min(1, 2 * tail);
    }
}
