namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// The three timeouts of a call: first token, idle, total. One timer per call, which checks the time of the last token when it fires and
/// sets itself again; a token costs one read of the clock.
/// </summary>
internal sealed class CallWatch : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _firstToken;
    private readonly TimeSpan _idle;
    private readonly TimeSpan _total;
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private readonly long _start;
    private long _last;
    private bool _started;

    public CallWatch(TimeProvider time, ModelLimits limits, TimeSpan? timeout, CancellationToken caller)
    {
        _time = time;
        _firstToken = TimeSpan.FromSeconds(limits.FirstTokenSeconds);
        _idle = TimeSpan.FromSeconds(limits.IdleSeconds);
        _total = TimeSpan.FromSeconds(limits.AttemptSeconds);
        if (timeout < _total)
        {
            _total = timeout.Value;
        }

        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(
            static state => ((CallWatch)state!).Check(),
            this,
            Shorter(_firstToken, _total),
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Cancelled when the caller cancels or a limit is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The limit that was exceeded, for people; null while none is.</summary>
    public string? Expired { get; private set; }

    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Something arrived.</summary>
    public void Beat()
    {
        Volatile.Write(ref _last, _time.GetTimestamp());
        if (!_started)
        {
            _started = true;

            // From here the idle timeout applies, which can end earlier than the timer was set for.
            _timer.Change(Shorter(_idle, _total - Elapsed), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Check()
    {
        var last = Volatile.Read(ref _last);
        var totalLeft = _total - Elapsed;
        var gapLeft = last == 0 ? _firstToken - Elapsed : _idle - _time.GetElapsedTime(last);
        if (totalLeft > TimeSpan.Zero && gapLeft > TimeSpan.Zero)
        {
            _timer.Change(Shorter(totalLeft, gapLeft), Timeout.InfiniteTimeSpan);
            return;
        }

        Expired =
            totalLeft <= TimeSpan.Zero ? $"The call timed out after {Seconds(_total)}"
            : last == 0 ? $"Timed out after {Seconds(_firstToken)} waiting for the first token"
            : $"Timed out after {Seconds(_idle)} waiting for the next token";
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended at this very moment.
        }
    }

    /// <summary>Rounded up to whole milliseconds, the timer's grain, so that it never fires early over and over.</summary>
    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) =>
        TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Min(a.TotalMilliseconds, b.TotalMilliseconds))));

    private static string Seconds(TimeSpan span) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");
}
