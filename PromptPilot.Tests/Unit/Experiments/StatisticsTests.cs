using PromptPilot.Core.Experiments.Statistics;

namespace PromptPilot.Tests.Unit.Experiments;

/// <summary>The statistics of experiments against published values.</summary>
public class StatisticsTests
{
    /// <summary>
    /// Newcombe (1998), Two-sided confidence intervals for the single proportion: comparison of seven methods, Statistics in Medicine
    /// 17:857–872, Table I, method 3 (score, without continuity correction).
    /// </summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void PassRate_HasTheIntervalOfWilson(int passed, int count, double low, double high)
    {
        var rate = PassRate.Of(passed, count);

        rate.Low.Should().BeApproximately(low, 0.00005);
        rate.High.Should().BeApproximately(high, 0.00005);
        rate.Rate.Should().Be((double)passed / count);
    }

    [Fact]
    public void PassRate_OfAllCounts_HoldsTheRate_AndMirrors()
    {
        for (var count = 1; count <= 60; count++)
        {
            for (var passed = 0; passed <= count; passed++)
            {
                var rate = PassRate.Of(passed, count);
                var mirrored = PassRate.Of(count - passed, count);
                rate.Low.Should().BeInRange(0, rate.Rate);
                rate.High.Should().BeInRange(rate.Rate, 1);
                rate.Low.Should().BeApproximately(1 - mirrored.High, 1e-12);
            }
        }
    }

    [Fact]
    public void PassRate_OfNothing_KnowsNothing() => PassRate.Of(0, 0).Should().Be(new PassRate(0, 0, 0, 0, 1));

    /// <summary>
    /// Zar (1999), Biostatistical Analysis, 4th edition, the example of the sign test on the legs of ten deer: 8 differences positive, 2
    /// negative, two-sided P = 0.109375. The other values are tails of the binomial distribution with p = ½, e.g. 2 ÷ 2⁶.
    /// </summary>
    [Theory]
    [InlineData(8, 2, 0.109375)]
    [InlineData(2, 8, 0.109375)]
    [InlineData(6, 0, 0.03125)]
    [InlineData(5, 0, 0.0625)]
    [InlineData(9, 1, 0.021484375)]
    [InlineData(6, 1, 0.125)]
    [InlineData(5, 5, 1)]
    [InlineData(0, 0, 1)]
    public void SignTest_IsExactAndTwoSided(int better, int worse, double p) =>
        SignTest.PValue(better, worse).Should().BeApproximately(p, 1e-12);

    [Fact]
    public void SignTest_OfThousandsOfPairs_IsANumber()
    {
        SignTest.PValue(2500, 2500).Should().BeApproximately(1, 1e-9);
        SignTest.PValue(2700, 2300).Should().BeInRange(1e-9, 1e-7);
        SignTest.PValue(5000, 0).Should().BeInRange(0, 1e-300);
    }

    /// <summary>
    /// Cohen's κ of the worked examples in Wikipedia, “Cohen's kappa”: 20, 5, 10, 15 give 0.4; 45, 15, 25, 15 give 0.1304; 25, 35, 5, 35
    /// give 0.2593.
    /// </summary>
    [Theory]
    [InlineData(20, 5, 10, 15, 0.4)]
    [InlineData(45, 15, 25, 15, 0.1304)]
    [InlineData(25, 35, 5, 35, 0.2593)]
    [InlineData(10, 0, 0, 10, 1)]
    [InlineData(5, 5, 5, 5, 0)]
    public void Agreement_IsCohensKappa(int bothPass, int onlyFirst, int onlySecond, int bothFail, double kappa) =>
        Agreement.Of(bothPass, onlyFirst, onlySecond, bothFail).Kappa.Should().BeApproximately(kappa, 0.00005);

    [Fact]
    public void Agreement_WithoutVariation_IsUnknown()
    {
        Agreement.Of(10, 0, 0, 0).Kappa.Should().BeNull("both say pass to everything: chance explains it");
        Agreement.Of(0, 0, 0, 0).Kappa.Should().BeNull();
    }

    [Theory]
    [InlineData(0, 0, 0, "No case can be compared yet.")]
    [InlineData(0, 0, 20, "No difference on 20 cases.")]
    [InlineData(4, 2, 14, "Better on 4, worse on 2, same on 14. 20 cases cannot tell a difference this small from chance.")]
    [InlineData(
        6,
        0,
        14,
        "Better on these cases: better on 6, worse on 0, same on 14. Chance alone gives a split this uneven in 3.1% of such experiments."
    )]
    [InlineData(
        0,
        20,
        0,
        "Worse on these cases: better on 0, worse on 20, same on 0. Chance alone gives a split this uneven in less than 0.1% "
            + "of such experiments."
    )]
    public void Comparison_ClaimsNoMoreThanTheCasesShow(int better, int worse, int same, string verdict) =>
        Comparison.Of(better, worse, same).Verdict.Should().Be(verdict);
}
