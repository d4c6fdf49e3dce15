using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Tests.Unit.Shared;

public sealed class LiveLoopTests : IDisposable
{
    private readonly CountingTime _time = new();
    private readonly CancellationTokenSource _left = new();
    private readonly List<Watch> _watches = [];
    private readonly List<bool> _interruptions = [];
    private Func<Task> _show = () => Task.CompletedTask;
    private int _shown;

    public void Dispose() => _left.Dispose();

    [Fact]
    public async Task Run_WhenSomethingChanges_ShowsItOnceASecondAtMost()
    {
        var running = Run();
        _watches[0].Tell();
        _watches[0].Tell();
        await UntilAsync(() => _shown == 1 && _time.Timers == 1);

        _time.Advance(TimeSpan.FromMilliseconds(999));
        _shown.Should().Be(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await UntilAsync(() => _shown == 2);
        await LeaveAsync(running);
    }

    [Fact]
    public async Task Run_AfterAnError_SaysSo_SubscribesAgain_AndReadsWhatWasMissed()
    {
        var running = Run();
        _watches[0].Fail();
        await UntilAsync(() => _interruptions is [true] && _time.Timers == 1);
        _watches[0].IsDisposed.Should().BeTrue();

        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => _interruptions is [true, false]);
        _watches.Should().HaveCount(2);
        _shown.Should().Be(1);

        _watches[1].Tell();
        await UntilAsync(() => _shown == 2);
        await LeaveAsync(running);
    }

    [Fact]
    public async Task Run_WhileReadingFails_WaitsLongerEachTime()
    {
        _show = () => throw new IOException("disk");
        var running = Run();
        _watches[0].Tell();
        await UntilAsync(() => _interruptions.Count == 1);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            var before = _interruptions.Count;
            await UntilAsync(() => _time.Timers == before);
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            _interruptions.Should().HaveCount(before);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await UntilAsync(() => _interruptions.Count == before + 1);
        }

        _interruptions.Should().NotContain(false);
        await LeaveAsync(running);
    }

    [Fact]
    public async Task Run_WhenRefused_EndsWithoutAWord()
    {
        await Loop().RunAsync<Watch>(_ => Task.FromResult<Result<Watch>>(Problem.Forbidden("No.")), Next, ShowAsync, Note, _left.Token);
        (_shown, _interruptions.Count).Should().Be((0, 0));
    }

    private LiveLoop Loop() => new(_time, NullLogger.Instance);

    private Task Run()
    {
        var loop = Loop();
        var running = loop.RunAsync(_ => Task.FromResult<Result<Watch>>(Begin()), Next, ShowAsync, Note, _left.Token);
        loop.Subscribed.IsCompletedSuccessfully.Should().BeTrue();
        return running;
    }

    private Watch Begin()
    {
        _watches.Add(new Watch());
        return _watches[^1];
    }

    private static Task Next(Watch watch, CancellationToken left) => watch.NextAsync(left);

    private async Task ShowAsync()
    {
        await _show();
        _shown++;
    }

    private void Note(bool isInterrupted) => _interruptions.Add(isInterrupted);

    private async Task LeaveAsync(Task running)
    {
        await _left.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        _watches[^1].IsDisposed.Should().BeTrue();
    }

    private static Task UntilAsync(Func<bool> holds) => Support.Eventually.HoldsAsync(() => Task.FromResult(holds()), "the loop to react");

    /// <summary>A clock that is advanced before the loop waits for it would not wake the loop: a test waits for the timer first.</summary>
    private sealed class CountingTime : FakeTimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }

    private sealed class Watch : IDisposable
    {
        private readonly System.Threading.Channels.Channel<Exception?> _news =
            System.Threading.Channels.Channel.CreateUnbounded<Exception?>();

        public bool IsDisposed { get; private set; }

        public void Tell() => _news.Writer.TryWrite(null);

        public void Fail() => _news.Writer.TryWrite(new InvalidOperationException("broken"));

        public async Task NextAsync(CancellationToken left)
        {
            if (await _news.Reader.ReadAsync(left) is { } error)
            {
                throw error;
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
