using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>A profile that steps have left for a fallback, and that has not worked since.</summary>
/// <param name="Since">When the first step left it (UTC).</param>
/// <param name="Code">How it failed then.</param>
internal sealed record ProfileOutage(string ProfileId, DateTime Since, ErrorCode Code);

/// <summary>
/// The calls of one profile: how many are open, when they began, and how far its provider has slowed it down. Thread-safe.
/// Times are measured from the start of the host, so that clock changes have no effect.
/// </summary>
internal sealed class ProfileLimiter
{
    /// <summary>The window over which requests per minute are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>After this time, one call checks if a failed profile works again.</summary>
    public static readonly TimeSpan OutageCheck = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<TimeSpan> _starts = new();
    private int _open;
    private bool _isWatched;
    private SlowDownState _slow = SlowDownState.None;
    private ProfileOutage? _outage;
    private TimeSpan _nextTry;
    private bool _isTried;

    /// <summary>Null while the profile works, as far as calls have shown.</summary>
    public ProfileOutage? Outage => Volatile.Read(ref _outage);

    /// <summary>Acquires a permit for a call that begins now.</summary>
    /// <param name="limits">The profile's current limits.</param>
    public bool TryAcquire(ModelLimits? limits, TimeSpan now)
    {
        lock (_lock)
        {
            if (FreeNow(limits, now) <= 0)
            {
                _isWatched = true;
                return false;
            }

            _open++;
            if (limits?.RequestsPerMinute is not null)
            {
                _starts.AddLast(now);
            }

            return true;
        }
    }

    /// <summary>Returns a permit.</summary>
    /// <param name="wasCalled">False: no call was made, so it does not count for the minute.</param>
    /// <returns>True when a run may be waiting for it.</returns>
    public bool Release(bool wasCalled = true)
    {
        lock (_lock)
        {
            _open--;
            if (!wasCalled && _starts.Count > 0)
            {
                // Permits have no identity. It was acquired moments ago, so the newest is its own, or began hardly later.
                _starts.RemoveLast();
            }

            var isWatched = _isWatched;
            _isWatched = false;
            return isWatched;
        }
    }

    /// <summary>Number of calls that could begin now; <see cref="int.MaxValue"/> without limits.</summary>
    public int Free(ModelLimits? limits, TimeSpan now)
    {
        lock (_lock)
        {
            var free = FreeNow(limits, now);
            _isWatched |= free != int.MaxValue;
            return free;
        }
    }

    /// <summary>The time at which the next call is let through; null when it does not depend on time.</summary>
    public TimeSpan? OpensAt(ModelLimits? limits, TimeSpan now)
    {
        lock (_lock)
        {
            var opens = _slow.ClosedUntil;
            if (LeftInWindow(limits, now) <= 0)
            {
                // As many of the oldest must leave the window as make room for one; more than one only after the limit was lowered.
                var inTheWay = _starts.ElementAt(_starts.Count - PerMinute(limits!));
                opens = opens > inTheWay + Window ? opens : inTheWay + Window;
            }

            return opens > now ? opens : null;
        }
    }

    /// <summary>The provider asked to slow down.</summary>
    /// <param name="retryAfter">The delay it asked for, if any.</param>
    public void SlowDown(TimeSpan? retryAfter, TimeSpan now)
    {
        lock (_lock)
        {
            _slow = _slow.After429(_open, retryAfter, now);
        }
    }

    /// <summary>Records that a step left the profile for a fallback.</summary>
    /// <param name="retryAfter">The delay its provider asked for, at most an hour; otherwise it is tried again after a minute.</param>
    public void TakeOut(ProfileOutage outage, TimeSpan? retryAfter, TimeSpan now)
    {
        lock (_lock)
        {
            _outage ??= outage;
            _isTried = false;
            var wait = retryAfter > OutageCheck ? retryAfter.Value : OutageCheck;
            var until = now + (wait < SlowDownState.LongestRetryAfter ? wait : SlowDownState.LongestRetryAfter);
            _nextTry = _nextTry > until ? _nextTry : until;
        }
    }

    /// <summary>True for the one caller a minute that checks if a failed profile works again.</summary>
    public bool MayTry(TimeSpan now)
    {
        lock (_lock)
        {
            if (_outage is not null && now < _nextTry)
            {
                return false;
            }

            (_nextTry, _isTried) = (now + OutageCheck, true);
            return true;
        }
    }

    /// <summary>A call succeeded.</summary>
    public void Succeeded(TimeSpan now)
    {
        lock (_lock)
        {
            // A call that began before the outage may still succeed, and says nothing about later ones.
            if (_isTried)
            {
                (_outage, _isTried) = (null, false);
            }

            _slow = _slow.AfterSuccess(now);
        }
    }

    private int FreeNow(ModelLimits? limits, TimeSpan now)
    {
        if (now < _slow.ClosedUntil)
        {
            return 0;
        }

        _slow = _slow.At(now);
        var limiters = Math.Min(limits?.ConcurrentCalls ?? double.PositiveInfinity, Math.Floor(_slow.Allowed));
        var free = double.IsPositiveInfinity(limiters) ? int.MaxValue : (int)limiters - _open;
        return Math.Max(0, Math.Min(free, LeftInWindow(limits, now)));
    }

    private int LeftInWindow(ModelLimits? limits, TimeSpan now)
    {
        if (limits?.RequestsPerMinute is null)
        {
            return int.MaxValue;
        }

        while (_starts.First is { } oldest && now - oldest.Value >= Window)
        {
            _starts.RemoveFirst();
        }

        return PerMinute(limits) - _starts.Count;
    }

    private static int PerMinute(ModelLimits limits) => Math.Max(1, limits.RequestsPerMinute!.Value);
}

/// <summary>
/// How far the provider of a profile has slowed down its calls. It works by AIMD, as TCP does: a 429 halves the number of calls, and each
/// round of as many successes as calls are allowed adds one. Times are measured from any fixed point.
/// </summary>
/// <param name="Allowed">Number of concurrent calls, not rounded; infinite without a slow-down.</param>
/// <param name="ClosedUntil">No call begins before.</param>
/// <param name="SlowedAt">The last slow-down.</param>
/// <param name="Count">Number of slow-downs since the last success.</param>
internal readonly record struct SlowDownState(double Allowed, TimeSpan ClosedUntil, TimeSpan SlowedAt, int Count)
{
    public static readonly SlowDownState None = new(double.PositiveInfinity, TimeSpan.MinValue, TimeSpan.Zero, 0);

    /// <summary>Duration of the first slow-down when the provider names none; each further one doubles it.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest slow-down when the provider names no duration.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest slow-down that a provider's Retry-After can request; after that, one call finds out if it still applies.
    /// </summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>A profile that was not slowed down for this long is back at its own limits.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>True while fewer calls are allowed than the profile's limits say.</summary>
    public bool IsActive => !double.IsPositiveInfinity(Allowed);

    /// <summary>The end of the slow-down, if it is not renewed.</summary>
    public TimeSpan EndsAt => ClosedUntil > SlowedAt + Memory ? ClosedUntil : SlowedAt + Memory;

    /// <summary>The state at a time: a slow-down is forgotten after a while.</summary>
    public SlowDownState At(TimeSpan now) =>
        now - SlowedAt >= Memory && now >= ClosedUntil ? this with { Allowed = double.PositiveInfinity } : this;

    /// <summary>The provider asked to slow down.</summary>
    /// <param name="open">Number of calls that were open.</param>
    /// <param name="retryAfter">The delay it asked for, if any.</param>
    public SlowDownState After429(int open, TimeSpan? retryAfter, TimeSpan now)
    {
        var asked = retryAfter is { } time && time > TimeSpan.Zero ? time : (TimeSpan?)null;
        if (now < ClosedUntil)
        {
            // Calls that were open when it closed get the same answer: that is one slow-down, not several.
            return this with { ClosedUntil = Closed(now + (asked ?? TimeSpan.Zero), now) };
        }

        var doubled = FirstWait * Math.Pow(2, Math.Min(Count, 16));
        return new(
            Math.Max(1, Math.Floor(Math.Min(At(now).Allowed, open) / 2)),
            Closed(now + (asked ?? (doubled < LongestWait ? doubled : LongestWait)), now),
            now,
            Count + 1
        );
    }

    /// <summary>A call succeeded. While the profile is closed, only earlier calls can; they say nothing about later ones.</summary>
    public SlowDownState AfterSuccess(TimeSpan now) =>
        now >= ClosedUntil ? this with { Count = 0, Allowed = Allowed + (1 / Allowed) } : this;

    private TimeSpan Closed(TimeSpan until, TimeSpan now)
    {
        var latest = now + LongestRetryAfter;
        until = until < latest ? until : latest;
        return ClosedUntil > until ? ClosedUntil : until;
    }
}
