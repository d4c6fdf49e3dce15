using PromptPilot.Core.Runs.Feed;

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
        var pulse = new Pulse();
        var seen = pulse.Count;
        pulse.Beat();
        pulse.Beat();

        await pulse.WaitAsync(seen, TestContext.Current.CancellationToken);
        var next = pulse.WaitAsync(pulse.Count, TestContext.Current.CancellationToken);
        next.IsCompleted.Should().BeFalse();
        pulse.Beat();
        await next;
    }

    [Fact]
    public async Task Pulse_BeatsFromManyThreads_NoWaiterSleepsThroughTheLast()
    {
        var pulse = new Pulse();
        const int beats = 50_000;
        var waiters = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(
                    async () =>
                    {
                        long seen = 0;
                        while (seen < beats)
                        {
                            await pulse.WaitAsync(seen, TestContext.Current.CancellationToken);
                            seen = pulse.Count;
                        }
                    },
                    TestContext.Current.CancellationToken
                )
            )
            .ToArray();
        for (var i = 0; i < beats; i++)
        {
            pulse.Beat();
        }

        await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
