using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Tests.Unit.Runs;

public sealed class LiveTextTests
{
    [Fact]
    public async Task Slices_ReadWhileAnotherThreadAppends_AddUpToTheWhole()
    {
        var text = new LiveText();
        var writer = Task.Run(
            () =>
            {
                for (var i = 0; i < 20_000; i++)
                {
                    text.Append($"{i},");
                }

                text.Complete();
            },
            TestContext.Current.CancellationToken
        );

        var seen = new System.Text.StringBuilder();
        while (!text.IsComplete || seen.Length < text.Length)
        {
            seen.Append(text.Slice(seen.Length));
        }

        await writer;
        seen.ToString().Should().Be(text.ToString());
    }

    [Fact]
    public async Task Pulse_BeatBetweenLooks_WakesAtOnce_AndOnlyOnce()
    {
        var signal = new ChangeSignal();
        var seen = signal.Count;
        signal.Raise();
        signal.Raise();

        await signal.WaitAsync(seen, TestContext.Current.CancellationToken);
        var next = signal.WaitAsync(signal.Count, TestContext.Current.CancellationToken);
        next.IsCompleted.Should().BeFalse();
        signal.Raise();
        await next;
    }

    [Fact]
    public async Task Pulse_BeatsFromManyThreads_NoWaiterSleepsThroughTheLast()
    {
        var signal = new ChangeSignal();
        const int changes = 50_000;
        var waiters = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(
                    async () =>
                    {
                        long seen = 0;
                        while (seen < changes)
                        {
                            await signal.WaitAsync(seen, TestContext.Current.CancellationToken);
                            seen = signal.Count;
                        }
                    },
                    TestContext.Current.CancellationToken
                )
            )
            .ToArray();
        for (var i = 0; i < changes; i++)
        {
            signal.Raise();
        }

        await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
