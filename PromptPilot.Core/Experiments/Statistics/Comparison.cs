using System.Globalization;

namespace PromptPilot.Core.Experiments.Statistics;

/// <summary>The results of a paired comparison with the baseline.</summary>
/// <param name="PValue">P-value of the exact two-sided sign test.</param>
/// <param name="Verdict">One sentence that does not overstate what the cases show.</param>
public sealed record Comparison(int Better, int Worse, int Same, double PValue, string Verdict)
{
    private const double Significant = 0.05;

    public static Comparison Of(int better, int worse, int same)
    {
        var p = SignTest.PValue(better, worse);
        return new Comparison(better, worse, same, p, Say(better, worse, same, p));
    }

    private static string Say(int better, int worse, int same, double p)
    {
        var cases = better + worse + same;
        return cases == 0 ? "No case can be compared yet."
            : better + worse == 0 ? $"No difference on {Cases(cases)}."
            : p > Significant
                ? $"Better on {better}, worse on {worse}, same on {same}. {Cases(cases)} cannot tell a difference this small from chance."
            : $"{(better > worse ? "Better" : "Worse")} on these cases: better on {better}, worse on {worse}, same on {same}. "
                + $"Chance alone gives a split this uneven in {Percent(p)} of such experiments.";
    }

    private static string Cases(int count) => count == 1 ? "1 case" : $"{count} cases";

    private static string Percent(double p) => p < 0.001 ? "less than 0.1%" : (p * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%";
}
