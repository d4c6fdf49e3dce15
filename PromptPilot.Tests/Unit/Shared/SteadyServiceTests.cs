using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>Background workers outlive their exceptions, and go by the time that passes.</summary>
public sealed class SteadyServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_ThatThrows_IsLoggedAndStartsAgain_AlsoAfterACancellationOfItsOwn()
    {
        var log = new ConcurrentQueue<string>();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new QueueLoggerProvider(log)));
        var calls = 0;
        using var worker = new Worker(
            loggers.CreateLogger("worker"),
            token =>
                Interlocked.Increment(ref calls) switch
                {
                    1 => throw new InvalidOperationException("at once"),
                    2 => Task.FromException(new OperationCanceledException("not the host's")),
                    _ => Task.Delay(Timeout.Infinite, token),
                }
        );

        await worker.StartAsync(Cancellation);

        await Eventually.HoldsAsync(() => Volatile.Read(ref calls) == 3, "the third start");
        log.Should().HaveCount(2).And.AllSatisfy(line => line.Should().Contain("Worker failed and restarts in"));
        await worker.StopAsync(Cancellation).WaitAsync(Eventually.DefaultLimit, Cancellation);
        worker.ExecuteTask!.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void Workers_AllOutliveTheirExceptions() =>
        new[] { typeof(RunService).Assembly, typeof(Program).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsAbstract: false } && typeof(IHostedService).IsAssignableFrom(type))
            .Should()
            .NotBeEmpty()
            .And.OnlyContain(type => typeof(SteadyService).IsAssignableFrom(type));

    [Fact]
    public void Every_CountsTimeThatPassed_WhateverTheClockShows()
    {
        var time = new SetClock();
        var every = new Every(TimeSpan.FromHours(1), time);

        every.IsDue().Should().BeTrue();
        every.IsDue().Should().BeFalse();
        time.Set(TimeSpan.FromDays(-9));
        every.IsDue().Should().BeFalse();
        time.Pass(TimeSpan.FromHours(1));
        every.IsDue().Should().BeTrue();
    }

    [Fact]
    public void ClockWatch_NoticesAClockSetBack_AndNothingElse()
    {
        var time = new SetClock();
        var clock = new ClockWatch(time);

        clock.WasSetBack().Should().BeTrue("nobody knows what happened before the start");
        time.Pass(TimeSpan.FromSeconds(30));
        clock.WasSetBack().Should().BeFalse();
        time.Set(TimeSpan.FromDays(3));
        clock.WasSetBack().Should().BeFalse("it was set forward");
        time.Set(TimeSpan.FromMinutes(-1));
        clock.WasSetBack().Should().BeTrue();
        clock.WasSetBack().Should().BeFalse();
    }

    /// <summary>A clock that can be set while time passes as it does.</summary>
    private sealed class SetClock : TimeProvider
    {
        private DateTimeOffset _clock = new(2026, 5, 10, 0, 0, 0, TimeSpan.Zero);
        private long _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _clock;

        public override long GetTimestamp() => _passed;

        public void Pass(TimeSpan by) => (_clock, _passed) = (_clock + by, _passed + by.Ticks);

        public void Set(TimeSpan by) => _clock += by;
    }

    private sealed class Worker(ILogger log, Func<CancellationToken, Task> work) : SteadyService
    {
        protected override ILogger Logger => log;

        protected override Task RunAsync(CancellationToken stoppingToken) => work(stoppingToken);
    }
}
