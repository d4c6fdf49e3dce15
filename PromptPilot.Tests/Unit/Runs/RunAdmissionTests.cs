using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class RunAdmissionTests
{
    private static readonly DateTime Now = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);

    private readonly QueueEntries _entries = new();
    private long _sequence;

    [Fact]
    public void Admit_PersonAfterSchedules_PersonIsFirst()
    {
        Add("s1", RunPriority.Scheduled);
        Add("s2", RunPriority.Scheduled);
        Add("hook", RunPriority.Webhook);
        Add("person", RunPriority.Person);

        Admit(3).Should().Equal("person", "hook", "s1");
    }

    [Fact]
    public void Admit_SamePriority_LongestWaitingFirst()
    {
        Add("a");
        Add("b", waited: 5);
        Add("c");

        Admit(5).Should().Equal("b", "a", "c");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Admit_NoFreeSlots_NobodyStarts(int free)
    {
        Add("a");

        Admit(free).Should().BeEmpty();
        _entries.Count.Should().Be(1);
    }

    [Fact]
    public void Admit_ScheduleWaitedTwoSteps_GoesBeforeYoungerPerson()
    {
        Add("person", RunPriority.Person);
        Add("almost", RunPriority.Scheduled, waited: 119);
        Add("old", RunPriority.Scheduled, waited: 120);

        Admit(3).Should().Equal("old", "person", "almost");
    }

    [Fact]
    public void Admit_ClockWasSetBack_NobodyLosesTheirClass()
    {
        Add("schedule", RunPriority.Scheduled);
        Add("person", RunPriority.Person, waited: -600);

        Admit(2).Should().Equal("person", "schedule");
    }

    [Fact]
    public void Admit_ManyOfOneWorkflow_OthersTakeTurns()
    {
        Add("a1", waited: 9);
        Add("a2", waited: 8);
        Add("a3", waited: 7);
        Add("b1", workflow: "b");
        Add("c1", workflow: "c");

        Admit(5).Should().Equal("a1", "b1", "c1", "a2", "a3");
    }

    [Fact]
    public void Admit_WorkflowRunsAlready_WaitsForThoseThatRunLess()
    {
        _entries.Start("a");
        Add("a1", workflow: "a", waited: 9);
        Add("b1", workflow: "b");

        Admit(1).Should().Equal("b1");
    }

    [Fact]
    public void Admit_WorkflowAtItsLimit_IsPassedOver()
    {
        Add("a1", workflow: "a", waited: 9);
        Add("a2", workflow: "a", waited: 8);
        Add("b1", workflow: "b");
        Add("b2", workflow: "b");
        _entries.Limit("a", 1);

        Admit(9).Should().Equal("a1", "b1", "b2");
        _entries.Limit("a", 2);
        Admit(9).Should().Equal("a2");
    }

    [Fact]
    public void Admit_ProfileFull_IsPassedOverAndUsedUpByThoseThatStart()
    {
        Add("closed", workflow: "a", waited: 9, profile: "closed");
        Add("one1", workflow: "a", waited: 8, profile: "one");
        Add("one2", workflow: "a", waited: 7, profile: "one");
        Add("free", workflow: "a", profile: "free");

        Admit(
                9,
                profile =>
                    profile switch
                    {
                        "closed" => 0,
                        "one" => 1,
                        _ => int.MaxValue,
                    }
            )
            .Should()
            .Equal("one1", "free");
        _entries.Count.Should().Be(2);
    }

    [Fact]
    public void Position_OfManyWorkflows_IsThePlaceInWhichTheyStart()
    {
        _entries.Start("a");
        Add("a1", workflow: "a", waited: 9);
        Add("a2", workflow: "a", waited: 8);
        Add("b1", workflow: "b", waited: 7);
        Add("b2", workflow: "b", waited: 6);
        Add("c1", workflow: "c", waited: 5);
        Add("hook", RunPriority.Webhook, workflow: "d");
        var waiting = new[] { "a", "b", "c", "d" }.SelectMany(_entries.WaitingOf).ToDictionary(run => run.RunId);

        var places = waiting.Values.OrderBy(run => RunAdmission.Position(_entries, run, Now)).Select(run => run.RunId).ToList();
        var positions = waiting.Values.Select(run => RunAdmission.Position(_entries, run, Now)).Order();

        positions.Should().Equal(1, 2, 3, 4, 5, 6);
        places.Should().Equal(Admit(9));
    }

    [Fact]
    public void Line_LastRunGone_ForgetsTheWorkflow()
    {
        Add("a1", workflow: "a");
        Admit(1).Should().Equal("a1");
        _entries.Knows("a").Should().BeTrue();

        _entries.End("a");

        _entries.Knows("a").Should().BeFalse();
    }

    private void Add(
        string id,
        RunPriority priority = RunPriority.Person,
        string workflow = "w",
        double waited = 0,
        string? profile = null
    ) => _entries.Add(new QueueEntry(id, workflow, priority, ++_sequence, Now.AddSeconds(-waited), profile));

    private IEnumerable<string> Admit(int slots, Func<string, int>? limiters = null) =>
        [.. RunAdmission.Admit(_entries, slots, limiters ?? (_ => int.MaxValue), Now).Select(run => run.RunId)];
}
