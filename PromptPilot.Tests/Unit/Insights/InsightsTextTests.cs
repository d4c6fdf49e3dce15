using PromptPilot.Core.Insights;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Insights;
using PromptPilot.Web.Features.Insights.Charts;

namespace PromptPilot.Tests.Unit.Insights;

/// <summary>What the page asks for, and how it writes figures.</summary>
public class InsightsTextTests
{
    private static readonly DateTime Now = new(2026, 11, 27, 14, 20, 0, DateTimeKind.Utc);

    private static readonly InsightsQuery Empty = new(null, null, null, null, null, null, null, null, null, null, null);

    [Theory]
    [InlineData(null, 30, InsightsUnit.Day)]
    [InlineData("24h", 24, InsightsUnit.Hour)]
    [InlineData("7d", 7, InsightsUnit.Day)]
    [InlineData("90d", 90, InsightsUnit.Day)]
    [InlineData("1y", 53, InsightsUnit.Week)]
    [InlineData("nonsense", 30, InsightsUnit.Day)]
    public void Query_OfARange_HasAsManyPointsAsItSays(string? range, int points, InsightsUnit unit)
    {
        var asked = InsightsRange.Of((Empty with { Range = range }).ToFilter(Now), Now);

        asked.Value.Unit.Should().Be(unit);
        asked.Value.Count.Should().Be(points);
        asked.Value.To.Should().BeAfter(Now);
    }

    [Fact]
    public void Query_OfDays_HasBothInFull()
    {
        var asked = InsightsRange.Of((Empty with { From = "2026-11-01", To = "2026-11-03", Unit = "Day" }).ToFilter(Now), Now).Value;

        asked.From.Should().Be(new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc));
        asked.To.Should().Be(new DateTime(2026, 11, 4, 0, 0, 0, DateTimeKind.Utc));
    }

    [Fact]
    public void Query_OfAnotherGroup_LeavesOutFiltersThatDoNotGoWithIt()
    {
        var ofRuns = Empty with { Trigger = "Webhook", Person = "ann", Workflow = "w" };

        ofRuns.By(InsightsGroup.Model).Should().Be(Empty with { Group = "Model", Workflow = "w" });
        ofRuns.ToFilter(Now).Should().Match<InsightsFilter>(filter => filter.Trigger == TriggerType.Webhook && filter.PersonId == "ann");
        (ofRuns with { Group = "Model" }).ToFilter(Now).PersonId.Should().BeNull("an address that was typed is no error");
    }

    [Fact]
    public void Head_SaysWhatGotBetterAndWorse()
    {
        var head = InsightsText.Head(
            Figures(count: 112, rate: 0.96, p50: 4700, cost: 11m, rating: 4.1),
            Figures(count: 100, rate: 0.968, p50: 4900, cost: 10m, rating: 3.8),
            "Runs"
        );

        head.Select(figure => (figure.Name, figure.Value, figure.Change?.Text, figure.Change?.Tone))
            .Should()
            .Equal(
                ("Runs", "112", "+12%", "muted"),
                ("Succeeded", "96.0%", "−0.8 pts", "err"),
                ("Latency p50", "4.7 s", "−0.2 s", "ok"),
                ("Latency p95", "4.7 s", "−0.2 s", "ok"),
                ("Tokens", "3", "+0%", "muted"),
                ("Cost", "$11.00", "+10%", "muted"),
                ("Rating", "4.1", "+0.3", "ok")
            );
    }

    [Fact]
    public void Head_WithoutAnythingBefore_ShowsNoChange() =>
        InsightsText.Head(Figures(count: 1), Figures(count: 0), "Runs").Should().OnlyContain(figure => figure.Change == null);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(61, 80)]
    [InlineData(81, 100)]
    [InlineData(100, 100)]
    [InlineData(0.03, 0.04)]
    [InlineData(19_000, 20_000)]
    public void Scale_EndsAtARoundNumber(double largest, double top) =>
        ChartScale.For(largest).Top.Should().BeApproximately(top, top * 1e-9);

    [Fact]
    public void Path_IsBrokenWhereThereIsNoValue() => new ChartScale(10).Path([10, null, 0, 5]).Should().Be("M60 0M300 120L420 60");

    private static InsightsFigures Figures(long count, double? rate = null, long? p50 = null, decimal cost = 0, double? rating = null) =>
        new(count, 0, 0, 0, 0, rate, p50, p50, 1, 2, cost, 1, rating);
}
