using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>How events share rows. That nothing is lost on the way to the rows and back is a property of all simulated runs.</summary>
public sealed class EventRowsTests
{
    private static readonly DateTime At = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Pack_EventsOfOneCommit_ShareARow()
    {
        var row = Rows(Event(1, RunEventType.Queued), Event(2, RunEventType.Claimed), Event(3, RunEventType.AttemptStarted))
            .Should()
            .ContainSingle()
            .Subject;

        row.Seq.Should().Be(1);
        row.Following!.Select(next => next.Type).Should().Equal(RunEventType.Claimed, RunEventType.AttemptStarted);
    }

    [Fact]
    public void Pack_OneEvent_IsItsRow()
    {
        var claimed = Event(4, RunEventType.Claimed);

        Rows(claimed).Should().ContainSingle().Which.Should().BeSameAs(claimed);
    }

    [Fact]
    public void Pack_AReview_BeginsARow_SinceItIsLookedForByType()
    {
        var rows = Rows(Event(7, RunEventType.AttemptEnded), Event(8, RunEventType.ReviewAsked), Event(9, RunEventType.AttemptStarted));

        rows.Select(row => (row.Seq, row.Type)).Should().Equal((7, RunEventType.AttemptEnded), (8, RunEventType.ReviewAsked));
    }

    [Fact]
    public void Pack_AnOutput_BeginsARow_SinceItMayBeAsDeepAsAPayloadCanCarry()
    {
        var output = Event(2, RunEventType.Defaulted);
        output.Payload = new RunEventPayload { Output = AppJson.Text("x") };

        Rows(Event(1, RunEventType.AttemptEnded), output).Select(row => row.Seq).Should().Equal(1, 2);
    }

    [Fact]
    public void Unpack_RowsOfTheVersionBefore_AreTheirEvents()
    {
        RunEvent[] rows = [Event(1, RunEventType.Queued), Event(2, RunEventType.Claimed)];

        EventRows.Unpack(rows).Should().Equal(rows);
    }

    private static List<RunEvent> Rows(params RunEvent[] events) => [.. EventRows.Pack(events)];

    private static RunEvent Event(int seq, RunEventType type) =>
        new()
        {
            RunId = "run",
            Seq = seq,
            Type = type,
            At = At,
        };
}
