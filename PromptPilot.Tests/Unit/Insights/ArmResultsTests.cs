using PromptPilot.Core.Insights.Arms;

namespace PromptPilot.Tests.Unit.Insights;

/// <summary>The verdict on an A/B test claims only what its calls show.</summary>
public class ArmResultsTests
{
    [Fact]
    public void Summary_WithFewCalls_SaysThatThereIsNotEnough() =>
        ArmResults
            .Summary([Arm("1.0.0", hasEnough: true, 0.01, 0.02), Arm("1.1.0", hasEnough: false, 0.5, 0.9)])
            .Should()
            .Be("Not enough data yet: each arm needs 30 calls.");

    [Fact]
    public void Summary_OfIntervalsThatOverlap_NamesNoWinner() =>
        ArmResults
            .Summary([Arm("1.0.0", hasEnough: true, 0.01, 0.2), Arm("1.1.0", hasEnough: true, 0.1, 0.3)])
            .Should()
            .Be("No clear difference in rating or errors.");

    [Fact]
    public void Summary_OfErrorsThatAreApart_NamesTheSafest() =>
        ArmResults
            .Summary([Arm("1.0.0", hasEnough: true, 0.2, 0.3), Arm("1.1.0", hasEnough: true, 0.01, 0.1)])
            .Should()
            .Be("1.1.0 fails less often than the others.");

    [Fact]
    public void Summary_OfRatingsThatAreApart_NamesTheBest() =>
        ArmResults
            .Summary([
                Arm("1.0.0", hasEnough: true, 0.01, 0.1, new MeanInterval(4.5, 4.3, 4.7)),
                Arm("1.1.0", hasEnough: true, 0.2, 0.3, new MeanInterval(3.5, 3.2, 3.9)),
            ])
            .Should()
            .Be("1.0.0 is rated better than the others.");

    [Fact]
    public void Summary_OfArmsOnSeveralModels_NamesTheModel()
    {
        var (old, now) = (Arm("1.0.0", hasEnough: true, 0.2, 0.3), Arm("1.0.0", hasEnough: true, 0.01, 0.1));

        ArmResults
            .Summary([old with { ModelName = "Slow", IsNamedWithModel = true }, now with { ModelName = "Fast", IsNamedWithModel = true }])
            .Should()
            .Be("1.0.0 on Fast fails less often than the others.");
    }

    /// <summary>Student, The probable error of a mean (1908): the ten differences in hours of sleep; mean 1.58, deviation 1.23.</summary>
    [Fact]
    public void Mean_HasTheIntervalOfTheNormalApproximation()
    {
        var mean = MeanInterval.Of([1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 4.6, 1.4])!;

        mean.Mean.Should().BeApproximately(1.58, 0.001);
        (mean.High - mean.Mean).Should().BeApproximately(1.96 * 1.23 / Math.Sqrt(10), 0.002);
        MeanInterval.Of([4]).Should().BeNull("one value has no spread");
        MeanInterval.Of([0, 0, 3])!.Low.Should().Be(0);
    }

    private static ArmResult Arm(string version, bool hasEnough, double low, double high, MeanInterval? rating = null) =>
        new(
            version,
            version,
            0.5,
            100,
            new ErrorInterval(0, 0, low, high),
            null,
            null,
            null,
            rating is null ? 0 : 20,
            rating,
            hasEnough,
            rating is not null
        );
}
