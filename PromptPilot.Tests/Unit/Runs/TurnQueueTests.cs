using PromptPilot.Core.Runs.Calls;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class TurnQueueTests
{
    [Fact]
    public void Permits_GoToCallersInTurns_AndToTheOldestCallOfEach()
    {
        var queue = new TurnQueue();
        var calls = new List<(string Name, TaskCompletionSource<bool> Permit)>();
        foreach (var name in new[] { "a1", "a2", "a3", "a4", "b1", "c1", "b2" })
        {
            calls.Add((name, queue.Add(name[..1], out _)));
        }

        Served(queue, calls).Should().Equal("a1", "b1", "c1", "a2", "b2", "a3", "a4");
    }

    [Fact]
    public void Newcomer_ComesAfterOneCallOfTheOthers_HoweverManyWait()
    {
        var queue = new TurnQueue();
        var calls = Enumerable.Range(0, 500).Select(i => ($"a{i}", queue.Add("a", out _))).ToList();
        queue.TryGive().Should().BeTrue();
        calls.Add(("b", queue.Add("b", out _)));

        Served(queue, calls).Take(2).Should().Equal("a1", "b");
    }

    [Fact]
    public void CallThatGaveUp_UsesNoTurn()
    {
        var queue = new TurnQueue();
        var (gone, other, next) = (queue.Add("a", out _), queue.Add("b", out _), queue.Add("a", out _));
        gone.TrySetResult(false);

        queue.TryGive().Should().BeTrue();

        next.Task.IsCompleted.Should().BeTrue("it is still the turn of its caller");
        other.Task.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public void OneServes_UntilNobodyWaits()
    {
        var queue = new TurnQueue();
        queue.IsServed.Should().BeFalse();
        var first = queue.Add("a", out var mustServe);
        mustServe.Should().BeTrue();
        queue.Add("b", out mustServe).TrySetResult(false);
        mustServe.Should().BeFalse();
        queue.NeedsPermit().Should().BeTrue();
        queue.Fail(new InvalidOperationException("No database."));
        first.Task.IsFaulted.Should().BeTrue();
        queue.TryGive().Should().BeFalse("the other has left");
        queue.NeedsPermit().Should().BeFalse();
        queue.IsServed.Should().BeFalse();
        queue.Add("c", out mustServe);
        mustServe.Should().BeTrue();
    }

    /// <summary>The names of those who get a permit, in order.</summary>
    private static List<string> Served(TurnQueue queue, List<(string Name, TaskCompletionSource<bool> Permit)> calls)
    {
        var served = new List<string>();
        while (queue.NeedsPermit())
        {
            var waiting = calls.Where(call => !call.Permit.Task.IsCompleted).ToList();
            queue.TryGive().Should().BeTrue();
            served.Add(waiting.Single(call => call.Permit.Task.IsCompleted).Name);
        }

        return served;
    }
}
