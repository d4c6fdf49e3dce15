using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Tests.Unit.Workflows;

public class RecentFiguresTests
{
    [Fact]
    public void Of_RunsOfAllKinds_LeavesOutDraftsAndWhatHasNotEnded()
    {
        var figures = RecentFigures.Of([
            Run(RunStatus.Succeeded, 1000, 10),
            Run(RunStatus.Succeeded, 3000, 30),
            Run(RunStatus.Succeeded, 9000, 20),
            Run(RunStatus.Failed, 50, 0),
            Run(RunStatus.Cancelled, 70, 0),
            Run(RunStatus.Running, null, 5),
            Run(RunStatus.Failed, 60, 0) with
            {
                IsDraft = true,
            },
        ]);

        figures.Should().Be(new RecentFigures(4, 1, 0.75, 3000, 20));
    }

    [Fact]
    public void Of_AnEvenNumber_TakesTheMiddleOfTheTwoInBetween() =>
        RecentFigures
            .Of([Run(RunStatus.Succeeded, 100, 1), Run(RunStatus.Succeeded, 200, 3)])
            .Should()
            .Be(new RecentFigures(2, 0, 1, 150, 2));

    [Fact]
    public void Of_NothingThatEnded_HasNoFigures() =>
        RecentFigures.Of([Run(RunStatus.Queued, null, 0)]).Should().Be(new RecentFigures(0, 0, null, null, null));

    private static RunListItem Run(RunStatus status, long? took, long cost) =>
        new("r", "w", "W", 1, status, TriggerType.Manual, null, null, DateTime.UnixEpoch, null, null, took, 0, 0, cost, null, null);
}
