using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>The loops that all background workers share.</summary>
public sealed class WorkTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void BackOff_DoublesToItsLongest_AndBeginsAgainAfterSuccess()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        Enumerable.Range(0, 5).Select(_ => backOff.Next().TotalSeconds).Should().Equal(1, 2, 4, 5, 5);
        backOff.Reset();
        backOff.Next().Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Writer_SharesABatch_AmongItemsThatWait()
    {
        var batches = new ConcurrentQueue<int[]>();
        var gate = new TaskCompletionSource();
        var writer = Writer(
            async batch =>
            {
                batches.Enqueue([.. batch]);
                await gate.Task;
            },
            largest: 3
        );
        writer.TryAdd(0);
        await Eventually.HoldsAsync(() => batches.Count == 1, "the first batch");
        for (var i = 1; i <= 5; i++)
        {
            writer.TryAdd(i);
        }

        gate.SetResult();
        await writer.DisposeAsync();

        batches.Should().BeEquivalentTo(new int[][] { [0], [1, 2, 3], [4, 5] }, order => order.WithStrictOrdering());
        writer.TryAdd(6).Should().BeFalse("it is closed");
    }

    [Fact]
    public async Task Writer_TriesAgain_WhatMayPass_AndIsolates_WhatCannot()
    {
        var (written, dropped, tries) = (new ConcurrentQueue<int>(), new ConcurrentQueue<int>(), 0);
        var gate = new TaskCompletionSource();
        var writer = Writer(
            async batch =>
            {
                await gate.Task;
                if (Interlocked.Increment(ref tries) == 1)
                {
                    throw new TimeoutException("busy");
                }

                if (batch.Contains(2))
                {
                    throw new FormatException("cannot be written");
                }

                foreach (var item in batch)
                {
                    written.Enqueue(item);
                }
            },
            drop: dropped.Enqueue
        );
        for (var i = 1; i <= 3; i++)
        {
            writer.TryAdd(i);
        }

        gate.SetResult();
        await Eventually.HoldsAsync(() => written.Count == 2 && dropped.Count == 1, "everything to be settled");

        written.Should().Equal(1, 3);
        dropped.Should().Equal(2);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Writer_WhoseCallbackThrows_GoesOnWithTheNextItem()
    {
        var written = new ConcurrentQueue<int>();
        await using var writer = Writer(
            batch =>
            {
                if (batch.Contains(1))
                {
                    throw new FormatException("cannot be written");
                }

                batch.ToList().ForEach(written.Enqueue);
                return Task.CompletedTask;
            },
            drop: _ => throw new InvalidOperationException("cannot be dropped either")
        );
        writer.TryAdd(1);
        writer.TryAdd(2);

        await Eventually.HoldsAsync(() => written.Contains(2), "the item after the broken one");
    }

    [Fact]
    public async Task Writer_CancelledByNobody_TriesTheItemAgain()
    {
        var (tries, dropped) = (0, new ConcurrentQueue<int>());
        await using var writer = Writer(
            _ => Interlocked.Increment(ref tries) == 1 ? throw new OperationCanceledException() : Task.CompletedTask,
            dropped.Enqueue
        );
        writer.TryAdd(1);

        await Eventually.HoldsAsync(() => Volatile.Read(ref tries) == 2, "the second try");
        dropped.Should().BeEmpty();
    }

    [Fact]
    public async Task Writer_WithACapacity_RefusesWhatIsAboveIt()
    {
        var (gate, began) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writer = Writer(
            async _ =>
            {
                began.TrySetResult();
                await gate.Task;
            },
            largest: 1,
            capacity: 2
        );
        writer.TryAdd(0);
        await began.Task.WaitAsync(Eventually.DefaultLimit, Cancellation);

        new[] { writer.TryAdd(1), writer.TryAdd(2), writer.TryAdd(3) }.Should().Equal(true, true, false);

        gate.SetResult();
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Poller_PollsWhenSignaled_WhenDue_AndAfterAFailure_AndCountsIt()
    {
        var failures = 0L;
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: WorkMetrics.MeterName, Name: "promptpilot.work.failures" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<long>(
            (_, count, tags, _) => Interlocked.Add(ref failures, tags[0].Value is nameof(Poller) ? count : 0)
        );
        meter.Start();
        var time = new FakeTimeProvider();
        using var poller = new Poller(time);
        await poller.StartAsync(Cancellation);
        await PollsAsync(1);

        poller.Signal.Release();
        await PollsAsync(2);

        poller.Next = time.GetUtcNow().UtcDateTime.AddSeconds(5);
        poller.Signal.Release();
        await PollsAsync(3);
        await PassAsync(TimeSpan.FromSeconds(5), 4);

        poller.Fails = true;
        await PassAsync(Poller.Every, 5);
        poller.Fails = false;
        await PassAsync(TimeSpan.FromSeconds(1), 6);
        Volatile.Read(ref failures).Should().Be(1);
        await poller.StopAsync(Cancellation);

        Task PollsAsync(int count) => Eventually.HoldsAsync(() => Volatile.Read(ref poller.Polls) == count, $"poll {count}");

        // The worker may not have begun to wait yet.
        Task PassAsync(TimeSpan by, int count) =>
            Eventually.HoldsAsync(
                () =>
                {
                    if (Volatile.Read(ref poller.Polls) < count)
                    {
                        time.Advance(by);
                    }

                    return Volatile.Read(ref poller.Polls) >= count;
                },
                $"poll {count}"
            );
    }

    [Fact]
    public async Task Housekeeping_HasAllCleanings_AndOneThatFailsKeepsNoOtherFromIt()
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddCleaning<Broken>()
            .AddCleaning<Sound>()
            .AddCleaning<Sound>()
            .BuildServiceProvider();

        await services.GetRequiredService<Housekeeping>().CleanAsync(Cancellation);

        services.GetRequiredService<Sound>().Count.Should().Be(1);
        services
            .GetServices<IHostedService>()
            .Should()
            .ContainSingle()
            .Which.Should()
            .BeSameAs(services.GetRequiredService<Housekeeping>());
    }

    private static BatchWriter<int> Writer(
        Func<IReadOnlyList<int>, Task> write,
        Action<int>? drop = null,
        int largest = 100,
        int? capacity = null
    ) =>
        new(
            new BatchRules("numbers", largest, capacity),
            write,
            exception => exception is TimeoutException,
            (item, _) => drop?.Invoke(item),
            TimeProvider.System,
            NullLogger.Instance
        );

    private sealed class Poller(TimeProvider time) : PollingService
    {
        public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

        public int Polls;

        public SemaphoreSlim Signal { get; } = new(0);

        public DateTime? Next { get; set; }

        public bool Fails { get; set; }

        protected override ILogger Logger => NullLogger.Instance;

        protected override TimeProvider Time => time;

        protected override TimeSpan PollInterval => Every;

        public override void Dispose()
        {
            base.Dispose();
            Signal.Dispose();
        }

        protected override Task PrepareAsync(CancellationToken stoppingToken) => Task.CompletedTask;

        protected override Func<CancellationToken, Task> Listen() => Signal.WaitAsync;

        protected override Task<DateTime?> PollAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref Polls);
            (var next, Next) = (Next, null);
            return Fails ? throw new InvalidOperationException("broken") : Task.FromResult(next);
        }
    }

    private sealed class Broken : ICleaning
    {
        public Task CleanAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("broken");
    }

    private sealed class Sound : ICleaning
    {
        public int Count { get; private set; }

        public Task CleanAsync(CancellationToken cancellationToken) => Task.FromResult(Count++);
    }
}
