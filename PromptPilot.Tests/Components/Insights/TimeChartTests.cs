using Bunit;
using PromptPilot.Web.Features.Insights.Charts;

namespace PromptPilot.Tests.Components.Insights;

/// <summary>A chart says in words what it draws, to those who cannot see or point.</summary>
public class TimeChartTests : ComponentTest
{
    [Fact]
    public void Chart_NamesEachPoint_AndHasTheSameAsATable()
    {
        var chart = Render<TimeChart>(p =>
            p.Add(c => c.Id, "status")
                .Add(c => c.Title, "Runs by status")
                .Add(c => c.IsStacked, true)
                .Add(c => c.Names, ["1 Nov", "2 Nov"])
                .Add(c => c.Label, value => $"{value:0}")
                .Add(c => c.Series, [new ChartSeries("Succeeded", "ok", [4, 0]), new ChartSeries("Failed", "bad", [1, null])])
        );

        chart.Find("svg").GetAttribute("aria-label").Should().Be("Runs by status, 2 points. Use the arrow keys.");
        var points = chart.FindAll("svg [role=img]");
        points
            .Select(point => point.GetAttribute("aria-label"))
            .Should()
            .Equal("1 Nov: Succeeded 4, Failed 1", "2 Nov: Succeeded 0, Failed none");
        points
            .Select(point => point.GetAttribute("tabindex"))
            .Should()
            .Equal(["-1", "0"], "one of them is reached by Tab, the others by arrow keys");
        chart.FindAll(".column").Should().HaveCount(2, "what is zero or missing is not drawn");
        chart
            .FindAll("tbody tr")
            .Select(row => string.Join(" | ", row.Children.Select(cell => cell.TextContent)))
            .Should()
            .Equal("1 Nov | 4 | 1", "2 Nov | 0 | –");
    }

    [Fact]
    public void Chart_WithoutValues_IsDrawn()
    {
        var chart = Render<TimeChart>(p =>
            p.Add(c => c.Id, "latency")
                .Add(c => c.Title, "Latency")
                .Add(c => c.Names, ["1 Nov"])
                .Add(c => c.Label, value => $"{value:0}")
                .Add(c => c.Series, [new ChartSeries("p50", "main", [null])])
        );

        chart.Find("svg [role=img]").GetAttribute("aria-label").Should().Be("1 Nov: p50 none");
        chart.FindAll(".column").Should().BeEmpty();
    }
}
