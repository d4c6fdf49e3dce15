using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Data;

/// <summary>The gate by itself, on a clock of the test's own.</summary>
public sealed class WriteGateTests : IDisposable
{
    private readonly FaultyTime _time = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly WriteGate _gate;

    public WriteGateTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(new QueueLoggerProvider(_log)));
        _gate = new WriteGate(_time, _loggers.CreateLogger<WriteGate>());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public async Task Writers_EnterInTheirOrder_OneAtATime()
    {
        var first = await _gate.EnterAsync("first", Cancellation);
        var second = _gate.EnterAsync("second", Cancellation).AsTask();
        var third = _gate.EnterAsync("third", Cancellation).AsTask();
        second.IsCompleted.Should().BeFalse();

        first.Dispose();
        first.Dispose();

        var held = await second.WaitAsync(Eventually.DefaultLimit, Cancellation);
        third.IsCompleted.Should().BeFalse("leaving twice lets one in");
        held.Dispose();
        (await third.WaitAsync(Eventually.DefaultLimit, Cancellation)).Dispose();
        _gate.Holder.Should().BeNull();
    }

    [Fact]
    public async Task CancelledWait_LeavesTheLine_AndIsNotLetIn()
    {
        var first = await _gate.EnterAsync("first", Cancellation);
        using var cancel = new CancellationTokenSource();
        var second = _gate.EnterAsync("second", cancel.Token).AsTask();
        var third = _gate.EnterAsync("third", Cancellation).AsTask();

        await cancel.CancelAsync();

        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        third.IsCompleted.Should().BeFalse("the gate is still held");
        first.Dispose();
        (await third.WaitAsync(Eventually.DefaultLimit, Cancellation)).Dispose();
        await FluentActions
            .Awaiting(() => _gate.EnterAsync("late", cancel.Token).AsTask())
            .Should()
            .ThrowAsync<OperationCanceledException>();
        _gate.Holder.Should().BeNull();
    }

    [Fact]
    public async Task LongWrite_IsNamedOnce_AndWhenItLeaves()
    {
        var held = await _gate.EnterAsync("PromptService.PublishAsync", Cancellation);
        var waiting = _gate.EnterAsync("second", Cancellation).AsTask();

        _time.Advance(TimeSpan.FromSeconds(4));
        _log.Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(5));

        _log.Should().ContainSingle().Which.Should().Contain("PromptService.PublishAsync has held the write gate for 5 s; 1 other");
        _gate.OldestWait.Should().Be(TimeSpan.FromSeconds(10));
        held.Dispose();
        _log.Last().Should().Contain("PromptService.PublishAsync released the write gate after 10 s");
        (await waiting.WaitAsync(Eventually.DefaultLimit, Cancellation)).Dispose();
    }

    [Fact]
    public async Task WaitOfThirtySeconds_FailsWithASentence_AndTheGateOpensForTheNext()
    {
        var held = await _gate.EnterAsync("Hangs.Async", Cancellation);
        var waiting = _gate.EnterAsync("Save of User", Cancellation).AsTask();

        _time.Advance(TimeSpan.FromSeconds(29));
        waiting.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        var thrown = (await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<WriteGateTimeoutException>()).Which;
        thrown.Message.Should().Contain("Save of User waited 30 s").And.Contain("Hangs.Async has held the write gate for 30 s");
        DatabaseFault
            .Explain(new InvalidOperationException("wrapped", thrown))
            .Should()
            .Match<Problem>(problem => problem.Kind == ProblemKind.Unavailable && problem.Message.Contains("Try again in a moment"));
        _gate.OldestWait.Should().Be(TimeSpan.Zero);
        held.Dispose();
        (await _gate.EnterAsync("next", Cancellation)).Dispose();
        _gate.Holder.Should().BeNull();
    }

    [Fact]
    public async Task FaultWhileTheNextIsLetIn_LosesNeitherTheGateNorTheWaiter()
    {
        var held = await _gate.EnterAsync("first", Cancellation);
        var waiting = _gate.EnterAsync("second", Cancellation).AsTask();

        _time.Fails = true;
        FluentActions.Invoking(held.Dispose).Should().Throw<InvalidOperationException>();
        _time.Fails = false;

        waiting.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await waiting.WaitAsync(Eventually.DefaultLimit, Cancellation)).Dispose();
        _gate.Holder.Should().BeNull();
    }

    /// <summary>Cancelling and leaving race for each waiter: neither may lose the gate or let two in.</summary>
    [Fact]
    public async Task CancellationsAndLeaving_InARace_LoseNothing()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            var random = new Random(writer);
                            for (var i = 0; i < 500; i++)
                            {
                                using var cancel = new CancellationTokenSource();
                                var entering = _gate.EnterAsync("race", cancel.Token).AsTask();
                                if (random.Next(2) == 0)
                                {
                                    await cancel.CancelAsync();
                                }

                                try
                                {
                                    using var hold = await entering;
                                    most = Math.Max(most, Interlocked.Increment(ref inside));
                                    await Task.Yield();
                                    Interlocked.Decrement(ref inside);
                                }
                                catch (OperationCanceledException)
                                {
                                    // Gave up.
                                }
                            }
                        },
                        Cancellation
                    )
                )
        );

        most.Should().Be(1);
        _gate.Holder.Should().BeNull();
        _gate.OldestWait.Should().Be(TimeSpan.Zero);
    }

    /// <summary>A clock that cannot be read for a while.</summary>
    private sealed class FaultyTime : FakeTimeProvider
    {
        public bool Fails { get; set; }

        public override long GetTimestamp() => Fails ? throw new InvalidOperationException("Faulty.") : base.GetTimestamp();
    }
}
