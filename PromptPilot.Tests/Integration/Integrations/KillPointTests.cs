using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>kill -9 while the words of a run arrive, webhooks come and schedules fire.</summary>
public sealed class KillPointTests(PublishedBuild build)
{
    [Fact]
    public async Task Kill_InMidStream_LosesNothing_AndRepeatsWithinThePromise() =>
        Check(await KillAsync(build, [KillPoint.InMidStream], rounds: 1));

    internal static async Task<KillFigures> KillAsync(PublishedBuild build, KillPoint[] points, int rounds)
    {
        await using var world = await KillPoints.StartAsync(build);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var point in points)
            {
                await world.KillAtAsync(point);
            }
        }

        var figures = await world.CountAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(figures.ToString());
        return figures;
    }

    internal static void Check(KillFigures figures)
    {
        figures.RunsLost.Should().Be(0);
        figures.StepsRepeated.Should().Be(0);
        figures.DeliveriesLost.Should().Be(0);
        figures.FiringsTwice.Should().Be(0);
        figures
            .Duplicates.Should()
            .BeLessThanOrEqualTo(figures.Kills * 2, "a kill repeats what was sent and not yet recorded, which is a delivery or two here");
        figures.MostOfOneId.Should().BeLessThanOrEqualTo(3, "no message is repeated again and again");
    }
}

/// <summary>All twelve points, ten times each. Long: runs by <c>./test.sh --soak</c>.</summary>
[Trait("Category", "Soak")]
public sealed class KillPointSoak(PublishedBuild build)
{
    [Fact]
    public async Task Kills_AtTwelvePoints_TenTimesEach_LoseNothing_AndRepeatWithinThePromise()
    {
        var figures = await KillPointTests.KillAsync(build, Enum.GetValues<KillPoint>(), rounds: 10);

        TestContext.Current.SendDiagnosticMessage(
            "kill points: kills {0}, runs {1}: runs lost {2}, completed steps repeated {3}, deliveries lost {4}, duplicates "
                + "{5} under their old id (at most {6} of one id), firings twice {7}",
            figures.Kills,
            figures.Runs,
            figures.RunsLost,
            figures.StepsRepeated,
            figures.DeliveriesLost,
            figures.Duplicates,
            figures.MostOfOneId,
            figures.FiringsTwice
        );
        KillPointTests.Check(figures);
    }
}
