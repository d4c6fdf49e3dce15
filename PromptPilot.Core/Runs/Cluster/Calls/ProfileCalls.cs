using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>
/// The calls of one profile on this host. Decides what can be answered without the database, and collects what has to be written.
/// Thread-safe. Times are measured from the start of the host.
/// </summary>
internal sealed class ProfileCalls(OpenCalls open)
{
    /// <summary>A refusal is repeated for this long without asking again, unless a call is known to have ended.</summary>
    public static readonly TimeSpan FullFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Stack<string> _ids = new();
    private CallWork _work = new();
    private int _uncounted;
    private bool _isWriting;
    private bool _isWaiting;
    private bool _hasTicket;
    private int _ends;
    private int _lastUnused;
    private TimeSpan _slowUntil = TimeSpan.MinValue;
    private TimeSpan _fullUntil = TimeSpan.MinValue;
    private TimeSpan _opensAt = TimeSpan.MinValue;

    /// <summary>The profile's limits when a call last wanted to begin.</summary>
    public ModelLimits? Limits { get; private set; }

    /// <summary>True when calls wait, or have waited until now.</summary>
    public bool IsWatched
    {
        get
        {
            lock (_lock)
            {
                return _isWaiting || _hasTicket || (!_work.IsEmpty && !_isWriting);
            }
        }
    }

    /// <summary>Acquires a permit. A profile without limits that was not slowed down needs no row.</summary>
    /// <param name="mustWrite">True: the caller has to write, which gives the answer.</param>
    public ValueTask<bool> TryAcquire(ModelLimits? limits, TimeSpan now, out bool mustWrite)
    {
        lock (_lock)
        {
            mustWrite = false;
            if (!ReferenceEquals(limits, Limits))
            {
                (Limits, _fullUntil, _opensAt) = (limits, TimeSpan.MinValue, TimeSpan.MinValue);
            }

            if (!HasLimit(limits) && now >= _slowUntil)
            {
                _uncounted++;
                return ValueTask.FromResult(true);
            }

            if (now < _fullUntil)
            {
                _isWaiting = true;
                return ValueTask.FromResult(false);
            }

            var request = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _work.Requests.Add(request);
            mustWrite = BeginWriting();
            return new ValueTask<bool>(request.Task);
        }
    }

    /// <summary>A call has ended.</summary>
    /// <param name="wasCalled">False: nothing was sent, so that it does not count for the minute.</param>
    /// <returns>True: the caller has to write.</returns>
    public bool Release(bool wasCalled = true)
    {
        lock (_lock)
        {
            if (!_ids.TryPop(out var id))
            {
                _uncounted--;
                return false;
            }

            open.Remove(id);
            (wasCalled ? _work.Ended : _work.Unused).Add(id);
            return BeginWriting();
        }
    }

    /// <summary>A call of this host got a 429. No further one begins here until it is written.</summary>
    public bool SlowDown(TimeSpan? retryAfter, TimeSpan now)
    {
        lock (_lock)
        {
            _work.SlowDowns.Add(retryAfter);
            _slowUntil = now + SlowDownState.Memory;
            _fullUntil = now + FullFor;
            return BeginWriting();
        }
    }

    /// <summary>A call succeeded. It is written when the call is released, at once after this.</summary>
    public void Succeeded(TimeSpan now)
    {
        lock (_lock)
        {
            if (now < _slowUntil)
            {
                _work.Successes++;
            }
        }
    }

    /// <summary>Another host may have slowed the profile down. Calls that began without a limit are counted from now on.</summary>
    /// <returns>True: the caller has to write.</returns>
    public bool ShowSlowDown(SlowDownState slow, TimeSpan databaseNow, TimeSpan now)
    {
        lock (_lock)
        {
            TakeSlowDown(slow, databaseNow, now);
            if (slow.ClosedUntil > databaseNow)
            {
                _fullUntil = _opensAt = now + (slow.ClosedUntil - databaseNow);
            }

            Adopt();
            return !_work.IsEmpty && BeginWriting();
        }
    }

    /// <summary>Number of calls that could begin now, as far as this host knows.</summary>
    public int Free(ModelLimits? limits, TimeSpan now)
    {
        lock (_lock)
        {
            return now < _fullUntil && (HasLimit(limits) || now < _slowUntil) ? 0
                : limits?.ConcurrentCalls is { } most ? Math.Max(0, most - _ids.Count - _uncounted)
                : int.MaxValue;
        }
    }

    /// <summary>Time until the profile accepts calls again; null when it does not depend on time, or is not known.</summary>
    public TimeSpan? OpensIn(TimeSpan now)
    {
        lock (_lock)
        {
            return _opensAt > now ? _opensAt - now : null;
        }
    }

    /// <summary>The next work to write; null when there is none. The writer then has to be started again.</summary>
    public CallWork? NextWork(TimeSpan now)
    {
        lock (_lock)
        {
            if (now < _fullUntil && _work.Requests.Count > 0)
            {
                _work.Refuse();
                _isWaiting = true;
            }

            if (_work.IsEmpty)
            {
                _isWriting = false;
                return null;
            }

            if (_work.Decides)
            {
                Adopt();
            }

            var work = _work;
            work.Ends = _ends;
            _work = new CallWork();
            return work;
        }
    }

    /// <summary>The work could not be written. The watcher will start another writer.</summary>
    public void Failed(CallWork work, TimeSpan now)
    {
        List<TaskCompletionSource<bool>> later;
        lock (_lock)
        {
            later = [.. work.Requests, .. _work.Requests];
            work.Add(_work);
            work.Requests.Clear();
            _work = work;
            _fullUntil = now + FullFor;
            _isWaiting = true;
            _isWriting = false;
        }

        later.ForEach(request => request.TrySetResult(false));
    }

    /// <summary>True when calls wait here, also those that are not part of the work.</summary>
    public bool Waits(int refused)
    {
        lock (_lock)
        {
            return refused > 0 || _isWaiting || _work.Requests.Count > 0;
        }
    }

    /// <summary>Calls have ended and the rows say so.</summary>
    /// <param name="wereCalled">False: they no longer count for the minute, so that another one may begin before its end.</param>
    /// <returns>True: the waiting calls have to be told.</returns>
    public bool Ended(TimeSpan now, bool wereCalled = true)
    {
        lock (_lock)
        {
            _ends++;
            _lastUnused = wereCalled ? _lastUnused : _ends;
            if (now < _opensAt && wereCalled)
            {
                return false;
            }

            (_fullUntil, _opensAt) = (TimeSpan.MinValue, TimeSpan.MinValue);
            return StopWaiting();
        }
    }

    /// <summary>Takes over what was read from the rows, and what was decided by it.</summary>
    /// <param name="begun">Ids of the calls that begin.</param>
    /// <param name="ends">See <see cref="CallWork.Ends"/>.</param>
    /// <returns>True: the waiting calls have to be told.</returns>
    public bool Decided(CallDecision decision, string[] begun, int refused, bool hasTicket, int ends, TimeSpan now)
    {
        lock (_lock)
        {
            foreach (var id in begun)
            {
                open.Add(id);
                _ids.Push(id);
            }

            _hasTicket = hasTicket;
            _isWaiting |= refused > 0;
            TakeSlowDown(decision.Slow, decision.Now, now);
            if (decision.Room > begun.Length)
            {
                (_fullUntil, _opensAt) = (TimeSpan.MinValue, TimeSpan.MinValue);
                return StopWaiting();
            }

            if (_ends != ends && (decision.OpensAt is null || _lastUnused > ends))
            {
                // A call of another host has ended, perhaps after the rows were read.
                (_fullUntil, _opensAt) = (TimeSpan.MinValue, TimeSpan.MinValue);
                return StopWaiting();
            }

            _opensAt = decision.OpensAt is { } at ? now + (at - decision.Now) : TimeSpan.MinValue;
            _fullUntil = decision.OpensAt is null ? now + FullFor : _opensAt;
            return false;
        }
    }

    /// <summary>
    /// Adds a look at the rows, where calls wait or no longer do. While something is being written, this host has not stopped waiting: what
    /// is asked next would find that other hosts have waited longer.
    /// </summary>
    /// <returns>True: the caller has to write.</returns>
    public bool Watch(TimeSpan now)
    {
        lock (_lock)
        {
            _work.Looks |= now >= _opensAt && (_isWaiting || (_hasTicket && !_isWriting && _work.IsEmpty));
            return !_work.IsEmpty && BeginWriting();
        }
    }

    private static bool HasLimit(ModelLimits? limits) => limits is { ConcurrentCalls: not null } or { RequestsPerMinute: not null };

    private bool BeginWriting()
    {
        var begins = !_isWriting;
        _isWriting = true;
        return begins;
    }

    /// <summary>The calls that wait ask again; those that are refused again wait again.</summary>
    private bool StopWaiting()
    {
        var waited = _isWaiting;
        _isWaiting = false;
        return waited;
    }

    private void TakeSlowDown(SlowDownState slow, TimeSpan databaseNow, TimeSpan now) =>
        _slowUntil = slow.IsActive ? now + (slow.EndsAt - databaseNow) : TimeSpan.MinValue;

    private void Adopt()
    {
        for (; _uncounted > 0; _uncounted--)
        {
            var id = Ids.New();
            open.Add(id);
            _ids.Push(id);
            _work.Adopted.Add(id);
        }
    }
}
