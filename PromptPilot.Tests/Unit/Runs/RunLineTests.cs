using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Runs.Record;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Unit.Runs;

public class RunLineTests
{
    [Fact]
    public void Of_ARun_SaysWhatHappened_InOrderOfTime()
    {
        var run = Run(
            RunStatus.Waiting,
            Step("themes", 1, StepStatus.Succeeded, [], Failed(0, 2, ErrorCode.RateLimited, "429"), Succeeded(4, 6, attempt: 2)),
            Step("digest", 2, StepStatus.Waiting, ["themes"], Succeeded(6, 9)) with
            {
                Review = new ReviewState(Start.AddSeconds(9), null),
            },
            Step("subject", 3, StepStatus.Pending, ["digest"])
        );

        var lines = RunLine.Of(run);

        lines
            .Where(line => line.Step != "")
            .Select(line => $"{line.Step}: {line.Text.Split(':')[0].Split(" to ")[0]}")
            .Should()
            .Equal(
                "themes: Call",
                "themes: Call failed",
                "themes: Call 2",
                "themes: Answered",
                "digest: Call",
                "digest: Answered",
                "digest: Review requested"
            );
        lines.Select(line => line.At).Should().BeInAscendingOrder();
        lines.First(line => line.Text.StartsWith("Call failed", StringComparison.Ordinal)).Text.Should().Contain("rate limited");
        lines[0].Text.Should().Be("Queued");
    }

    [Fact]
    public void Of_AnAnsweredReview_SaysWho_OrThatNoOneDid()
    {
        static string Answer(string? by) =>
            RunLine
                .Of(
                    Run(
                        RunStatus.Succeeded,
                        Step("digest", 1, StepStatus.Succeeded, [], Succeeded(0, 1)) with
                        {
                            Review = new ReviewState(Start.AddSeconds(1), null, ReviewVerdict.Approve, by, null, Start.AddSeconds(5)),
                        }
                    )
                )
                .Single(line => line.Text.StartsWith("Approved", StringComparison.Ordinal))
                .Text;

        Answer("Ann").Should().Be("Approved by Ann");
        Answer(null).Should().Be("Approved automatically");
    }

    [Fact]
    public void Of_AReusedCall_HasNoLine() =>
        RunLine
            .Of(Run(RunStatus.Succeeded, Step("kept", 1, StepStatus.Succeeded, [], Succeeded(-60, -50) with { IsReused = true })))
            .Should()
            .NotContain(line => line.Step == "kept");
}
