using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Shared;

public sealed class SharedReadsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SharedReads<string, int> _reads;
    private int _read;

    public SharedReadsTests() => _reads = new SharedReads<string, int>(_time, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task Question_AskedFirst_IsReadAtOnce() => (await AskAsync()).Should().Be(1);

    [Fact]
    public async Task Question_AskedByManyWithinTheInterval_IsReadOnceForAll_AfterTheyAsked()
    {
        await AskAsync();
        var waiting = Enumerable.Range(0, 50).Select(_ => AskAsync()).ToList();
        waiting.Should().OnlyContain(answer => !answer.IsCompleted);

        await AdvanceUntilAsync(Task.WhenAll(waiting));

        (await Task.WhenAll(waiting)).Should().OnlyContain(answer => answer == 2);
        _read.Should().Be(2);
    }

    [Fact]
    public async Task Question_AskedWhileItIsRead_IsReadAgain()
    {
        var slow = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _reads.ReadAsync(
            "list",
            () =>
            {
                began.SetResult();
                return slow.Task;
            },
            Cancellation
        );
        await began.Task;

        var second = AskAsync();
        await AdvanceUntilAsync(second);

        (await second).Should().Be(1, "what was read before the question may be too old");
        slow.SetResult(-1);
        (await first).Should().Be(-1);
    }

    [Fact]
    public async Task Question_WhoseFirstAskerLeaves_IsStillReadForTheOthers()
    {
        await AskAsync();
        using var left = new CancellationTokenSource();
        var leaves = _reads.ReadAsync("list", ReadAsync, left.Token);
        var stays = AskAsync();
        await left.CancelAsync();

        await leaves.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await AdvanceUntilAsync(stays);
        (await stays).Should().Be(2);
    }

    [Fact]
    public async Task Question_WhoseReadFails_IsReadAgainNextTime()
    {
        var fails = _reads.ReadAsync("list", () => throw new InvalidOperationException("no database"), Cancellation);
        await fails.Invoking(task => task).Should().ThrowAsync<InvalidOperationException>();

        var again = AskAsync();
        await AdvanceUntilAsync(again);

        (await again).Should().Be(1);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<int> AskAsync() => _reads.ReadAsync("list", ReadAsync, Cancellation);

    private Task<int> ReadAsync() => Task.FromResult(++_read);

    /// <summary>Moves the clock until the task is done, since its delay begins on another thread.</summary>
    private async Task AdvanceUntilAsync(Task done)
    {
        for (var i = 0; i < 1000 && !done.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(done, Task.Run(static () => { }, Cancellation));
        }
    }
}
