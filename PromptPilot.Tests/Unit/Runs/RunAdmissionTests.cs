using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class RunAdmissionTests
{
    private static SortedSet<QueuedRun> Queue(params (string Id, RunPriority Priority)[] runs) =>
        new(runs.Select((run, index) => new QueuedRun(run.Id, "w", run.Priority, index)), RunAdmission.Order);

    [Fact]
    public void Pick_PersonAfterSchedules_PersonIsFirst()
    {
        var waiting = Queue(("s1", RunPriority.Scheduled), ("s2", RunPriority.Scheduled), ("hook", RunPriority.Webhook), ("person", RunPriority.Person));

        RunAdmission.Pick(waiting, 3).Select(run => run.RunId).Should().Equal("person", "hook", "s1");
    }

    [Fact]
    public void Pick_SamePriority_LongestWaitingFirst() =>
        RunAdmission.Pick(Queue(("a", RunPriority.Person), ("b", RunPriority.Person)), 5).Select(run => run.RunId).Should().Equal("a", "b");

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Pick_NoFreeSlots_NobodyStarts(int free) => RunAdmission.Pick(Queue(("a", RunPriority.Person)), free).Should().BeEmpty();
}
