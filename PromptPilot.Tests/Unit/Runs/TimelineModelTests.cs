using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Features.Runs;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Unit.Runs;

public class TimelineModelTests
{
    [Fact]
    public void Of_ARunInFlight_DrawsBarsAtTheirTimesAndGrowsTheLiveOne()
    {
        var run = Run(
            RunStatus.Running,
            Step("themes", 1, StepStatus.Succeeded, [], Succeeded(0, 4)),
            Step("digest", 2, StepStatus.Running, ["themes"], Open(4)),
            Step("subject", 3, StepStatus.Pending, ["digest"])
        );

        var timeline = TimelineModel.Of(run, Start.AddSeconds(8));

        timeline.Ticks.Select(tick => tick.Label).Should().Equal("0", "2 s", "4 s", "6 s", "8 s");
        timeline.Rows.Select(row => row.Label).Should().Equal("themes", "digest", "subject");
        timeline
            .Rows[0]
            .Bars.Should()
            .ContainSingle()
            .Which.Should()
            .Match<TimelineBar>(bar => bar.Start == 0 && bar.Width == 0.5 && bar.Tone == "ok" && !bar.IsLive);
        timeline.Rows[0].Note.Should().Be("4.0 s");
        timeline
            .Rows[1]
            .Bars.Should()
            .ContainSingle()
            .Which.Should()
            .Match<TimelineBar>(bar => bar.Start == 0.5 && bar.Width == 0.5 && bar.Tone == "run" && bar.IsLive);
        timeline.Rows[1].Note.Should().Be("live");
        timeline.Rows[2].Bars.Should().BeEmpty();
        timeline.Rows[2].Note.Should().Be("waiting for digest");

        TimelineModel.Of(run, Start.AddSeconds(9)).Rows[1].Bars[0].Width.Should().Be(0.5, "the axis ends at 10 s now and the bar at 9 s");
    }

    [Fact]
    public void Of_TwoAttempts_DrawsBothAndSaysSo()
    {
        var run = Run(
            RunStatus.Succeeded,
            Step("sentiment", 1, StepStatus.Succeeded, [], Failed(0, 2, ErrorCode.RateLimited, "429"), Succeeded(4, 6, attempt: 2))
        );

        var row = TimelineModel.Of(run, Start.AddSeconds(60)).Rows[0];

        row.Bars.Select(bar => bar.Tone).Should().Equal("bad", "ok");
        row.Note.Should().Be("2 attempts");
    }

    [Fact]
    public void Of_ItemsAtTheSameTime_LieInLanes()
    {
        var run = Run(
            RunStatus.Succeeded,
            Step("quotes", 1, StepStatus.Succeeded, [], Succeeded(0, 2, item: 0), Succeeded(0, 3, item: 1), Succeeded(2, 5, item: 2))
        );

        var row = TimelineModel.Of(run, Start).Rows[0];

        row.Lanes.Should().Be(2);
        row.Bars.Select(bar => bar.Lane).Should().Equal(0, 1, 0);
        row.Note.Should().Be("3 items");
    }

    [Fact]
    public void Of_AFailedRun_SaysWhyAndWhatWasNotReached()
    {
        var run = Run(
            RunStatus.Failed,
            Step("a", 1, StepStatus.Failed, [], Failed(0, 1, ErrorCode.Auth, "401")),
            Step("b", 2, StepStatus.Pending, ["a"])
        );

        TimelineModel.Of(run, Start).Rows.Select(row => row.Note).Should().Equal("key refused", "not reached");
    }

    [Fact]
    public void Of_AShortRun_TellsHalfSecondsApart() =>
        TimelineModel
            .Of(Run(RunStatus.Running, Step("a", 1, StepStatus.Running, [], Open(0))), Start.AddSeconds(2.4))
            .Ticks.Select(tick => tick.Label)
            .Should()
            .Equal("0", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s");

    [Fact]
    public void Of_AQueuedRun_HasAnAxisAndWaitingRows() =>
        TimelineModel.Of(Run(RunStatus.Queued, Step("a", 1, StepStatus.Pending, [])), Start).Rows[0].Note.Should().Be("waiting for a slot");

    [Fact]
    public void PageModel_PutsWhatMovesFirst_ThenFailures_ThenResults()
    {
        var run = Run(
            RunStatus.Running,
            Step("early", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("result", 2, StepStatus.Succeeded, ["early"], Succeeded(1, 2)),
            Step("broken", 3, StepStatus.Failed, ["early"], Failed(1, 2, ErrorCode.Auth, "401")),
            Step("live", 4, StepStatus.Running, ["early"], Open(2)),
            Step("later", 5, StepStatus.Pending, ["live"])
        );

        var model = RunPageModel.Of(run, (_, attempt) => MarkdownStream.Of(attempt.Text), Start.AddSeconds(14));

        model.Steps.Select(step => step.Step.OutputKey).Should().Equal("live", "broken", "result", "early", "later");
        model.Clock.Should().Be("0:14");
        model.Steps.Single(step => step.Step.OutputKey == "result").Outputs[0].TokensPerSecond.Should().BeApproximately(212 / 0.8, 0.01);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EstimatedTokens_OfOneCall_MarkTheRun(bool isEstimated)
    {
        var log = new ExecutionLog
        {
            PromptId = "p",
            PromptVersionId = "v",
            ModelProfileId = "m",
            ModelUsed = "model",
            EstimatedTokens = isEstimated,
        };
        var run = Run(
            RunStatus.Succeeded,
            Step("counted", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("guessed", 2, StepStatus.Succeeded, [], Succeeded(0, 1) with { Log = log })
        );

        RunPageModel.HasEstimatedTokens(run).Should().Be(isEstimated);
    }
}
