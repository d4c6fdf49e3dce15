using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Steps;
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
            .Match<TimelineBar>(bar => bar.Start == 0 && bar.Width == 0.5 && bar.Tone == "ok");
        timeline.Rows[0].Time.Should().Be("4.0 s");
        timeline.Rows[0].Tokens.Should().Be(212);
        timeline
            .Rows[1]
            .Bars.Should()
            .ContainSingle()
            .Which.Should()
            .Match<TimelineBar>(bar => bar.Start == 0.5 && bar.Width == null && bar.Tone == "run", "it grows to where the axis is now");
        timeline.Now.Should().Be(1);
        timeline.Rows[1].IsLive.Should().BeTrue();
        timeline.Rows[1].Time.Should().Be("0:04");
        timeline.Rows[2].Bars.Should().BeEmpty();
        timeline.Rows[2].Note.Should().Be("after digest");
        timeline.Done.Should().Be(1);

        TimelineModel.Of(run, Start.AddSeconds(9)).Now.Should().Be(0.9, "the axis ends at 10 s");
    }

    [Fact]
    public void Of_TwoAttempts_DrawsBothAndSaysSo()
    {
        var run = Run(
            RunStatus.Succeeded,
            Step("sentiment", 1, StepStatus.Succeeded, [], Failed(0, 2, ErrorCode.RateLimited, "429"), Succeeded(4, 6, attempt: 2))
        );

        var row = TimelineModel.Of(run, Start.AddSeconds(60)).Rows[0];

        row.Bars.Select(bar => bar.Tone).Should().Equal("warn", "ok");
        row.Attempts.Should().Be(2);
    }

    [Fact]
    public void Progress_OfARunThatFailed_CallsOnlyWhatSucceededDone()
    {
        var run = Run(
            RunStatus.Failed,
            Step("a", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("b", 2, StepStatus.Failed, [], Failed(0, 1, ErrorCode.Auth, "401")),
            Step("c", 3, StepStatus.Skipped, []),
            Step("d", 4, StepStatus.Cancelled, ["b"])
        );

        TimelineModel.Of(run, Start.AddSeconds(2)).Progress.Should().Be("2 of 4 done, 1 failed");
    }

    [Fact]
    public void Of_CancelledAttempt_IsNotDrawnAsAFailure()
    {
        var step = Step("a", 1, StepStatus.Cancelled, [], Failed(0, 1, ErrorCode.Cancelled, "Cancelled."));

        TimelineModel.Of(Run(RunStatus.Cancelled, step), Start.AddSeconds(2)).Rows[0].Bars[0].Tone.Should().BeEmpty();
    }

    [Fact]
    public void Of_AThousandItems_DrawsFewBars_AndSaysHowManyAreDone()
    {
        var items = Enumerable.Range(0, 999).Select(item => Succeeded(item * 0.009, (item * 0.009) + 0.2, item: item));
        var step = Step("quotes", 1, StepStatus.Running, [], [.. items, Open(9.9) with { ItemIndex = 999 }]) with { ItemCount = 1000 };

        var row = TimelineModel.Of(Run(RunStatus.Running, step), Start.AddSeconds(10)).Rows[0];

        row.Bars.Should().HaveCountLessThan(5);
        row.Bars[0].Tone.Should().Be("ok");
        row.Bars[^1].Should().Match<TimelineBar>(bar => bar.Tone == "run" && bar.Width == null);
        row.Items.Should().Be("0 of 1,000");
        row.LooksLike(TimelineModel.Of(Run(RunStatus.Running, step), Start.AddSeconds(10)).Rows[0]).Should().BeTrue();
    }

    [Fact]
    public void Of_Branches_AreInLevelsOfTheDataFlow()
    {
        var run = Run(
            RunStatus.Queued,
            Step("a", 1, StepStatus.Pending, []),
            Step("b", 2, StepStatus.Pending, ["a"]),
            Step("c", 3, StepStatus.Pending, []),
            Step("d", 4, StepStatus.Pending, ["c", "b"])
        );

        var rows = TimelineModel.Of(run, Start).Rows;

        rows.Select(row => (row.Label, row.Level)).Should().Equal(("a", 0), ("c", 0), ("b", 1), ("d", 2));
        rows.Select(row => row.StartsLevel).Should().Equal(true, false, true, true);
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
    public void PageModel_WhileItRuns_PutsWhatMovesFirst_ThenFailures_ThenTheResultToCome_ThenTheNewest()
    {
        var model = RunPageModel.Of(Branches(RunStatus.Running), (_, _) => null, Start.AddSeconds(14));

        model.Steps.Select(step => step.Step.OutputKey).Should().Equal("live", "broken", "later", "newer", "early");
        model.Clock.Should().Be("0:14");
        model.Steps.Where(step => step.Opens).Select(step => step.Step.OutputKey).Should().Equal("live", "broken");
        model.Steps[2].Summary.Should().Be("Starts when live is done");
    }

    [Fact]
    public void PageModel_OnceEnded_PutsTheResultFirst_AndOpensIt()
    {
        var run = Run(
            RunStatus.Succeeded,
            Step("early", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("newer", 2, StepStatus.Succeeded, ["early"], Succeeded(1, 2)),
            Step("result", 3, StepStatus.Succeeded, ["newer"], Succeeded(1, 2))
        );

        var model = RunPageModel.Of(run, (_, _) => null, Start.AddSeconds(14));

        model.Steps.Select(step => step.Step.OutputKey).Should().Equal("result", "newer", "early");
        model.Steps.Where(step => step.Opens).Select(step => step.Step.OutputKey).Should().Equal("result");
        model.Steps[0].Outputs[0].TokensPerSecond.Should().BeApproximately(212 / 0.8, 0.01);
    }

    [Fact]
    public void PageModel_OfManyResults_OpensAFew() =>
        RunPageModel
            .Of(
                Run(
                    RunStatus.Succeeded,
                    [.. Enumerable.Range(1, 100).Select(i => Step($"s{i}", i, StepStatus.Succeeded, [], Succeeded(0, 1)))]
                ),
                (_, _) => null,
                Start
            )
            .Steps.Count(step => step.Opens)
            .Should()
            .Be(4);

    [Fact]
    public void OpenSteps_FoldWhatHasEnded_UnlessTheReaderStoppedFollowing()
    {
        var open = new OpenSteps();
        var before = RunPageModel.Of(Branches(RunStatus.Running), (_, _) => null, Start).Steps;
        var after = RunPageModel
            .Of(
                Run(
                    RunStatus.Running,
                    Step("live", 4, StepStatus.Succeeded, [], Succeeded(0, 2)),
                    Step("later", 5, StepStatus.Pending, ["live"])
                ),
                (_, _) => null,
                Start
            )
            .Steps;
        var live = after.Single(step => step.Step.OutputKey == "live");

        open.Update(before, isFollowing: true);
        open.Update(after, isFollowing: false);
        open.IsOpen(live).Should().BeTrue("the reader reads it");
        open.Update(after, isFollowing: true);
        open.IsOpen(live).Should().BeFalse();
        open.Toggle(live);
        open.Update(after, isFollowing: true);
        open.IsOpen(live).Should().BeTrue("the reader opened it");
    }

    [Theory]
    [InlineData("# Title\n\n- **one** thing\n- `two`", "Title one thing two")]
    [InlineData("```json\n{ \"a\": 1 }\n```", "{ \"a\": 1 }")]
    [InlineData("1. first\n2. second", "first second")]
    [InlineData("snake_case *stays*", "snake_case *stays*")]
    public void Summary_OfAnOutput_IsItsFirstWordsWithoutMarks(string text, string summary)
    {
        var run = Run(RunStatus.Succeeded, Step("a", 1, StepStatus.Succeeded, [], Succeeded(0, 1, text)));

        StepSummary.Of(RunPageModel.Of(run, (_, _) => null, Start).Steps[0]).Should().Be(summary);
    }

    private static RunState Branches(RunStatus status) =>
        Run(
            status,
            Step("early", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("newer", 2, StepStatus.Succeeded, ["early"], Succeeded(1, 2)),
            Step("broken", 3, StepStatus.Failed, ["early"], Failed(1, 2, ErrorCode.Auth, "401")),
            Step("live", 4, StepStatus.Running, ["early", "newer"], Open(2)),
            Step("later", 5, StepStatus.Pending, ["live"])
        );

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
