using System.Collections.Concurrent;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// Limits the calls to each profile: calls at the same time, requests per minute, and fewer after its provider answered 429. Profiles do
/// not delay each other. Changed limits of a profile apply from the next call on; requests per minute are counted from when the limit is
/// set. Calls are counted in memory, or with those of other hosts; outages of profiles are known to this host alone.
/// </summary>
public sealed class ProfileLimiters(ModelProfiles profiles, CallSlots slots, TimeProvider time)
{
    /// <summary>Timers truncate fractions of a millisecond; this keeps a waiter from waking too early.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, ProfileLimiter> _limiters = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>
    /// Signals that a call has ended after another one was refused. Read its count before checking for free permits, then wait for a
    /// different count.
    /// </summary>
    internal ChangeSignal Freed => slots.Freed;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Acquires a permit for one call that begins now. Return it with <see cref="Release"/>.</summary>
    /// <returns>False when the profile accepts no calls right now; see <see cref="OpensAt"/> and <see cref="Freed"/>.</returns>
    internal ValueTask<bool> TryAcquireAsync(string profileId, CancellationToken cancellationToken)
    {
        // No state machine when the profile is in memory: every call passes here.
        var finding = profiles.FindAsync(profileId, cancellationToken);
        return finding.IsCompletedSuccessfully ? TryAcquireAsync(profileId, finding.Result) : TakeWhenFoundAsync(profileId, finding);
    }

    /// <summary>Returns a call's permit, regardless of how the call ended.</summary>
    /// <param name="wasCalled">False: nothing was sent to the provider, e.g. because a budget is used up. It then does not count for the
    /// requests per minute.</param>
    internal void Release(string profileId, bool wasCalled = true)
    {
        if (slots.AreShared)
        {
            slots.Release(profileId, wasCalled);
        }
        else if (LimiterOf(profileId).Release(wasCalled))
        {
            Freed.Raise();
        }
    }

    /// <summary>
    /// After a 429: closes the profile for all, then lets half as many calls through as there were, and one more with each round that
    /// succeeds.
    /// </summary>
    /// <param name="retryAfter">The delay the provider asked for, at most an hour; otherwise a second, doubled each time up to a minute
    /// until a call succeeds.</param>
    internal void SlowDown(string profileId, TimeSpan? retryAfter)
    {
        if (slots.AreShared)
        {
            slots.SlowDown(profileId, retryAfter);
        }
        else
        {
            LimiterOf(profileId).SlowDown(retryAfter, Now);
        }
    }

    /// <summary>A call succeeded: lets a slowed profile recover a little.</summary>
    internal void Succeeded(string profileId)
    {
        LimiterOf(profileId).Succeeded(Now);
        if (slots.AreShared)
        {
            slots.Succeeded(profileId);
        }
    }

    /// <summary>
    /// Records that a step left the profile for a fallback. Steps with a fallback do not call it until one call a minute later succeeds.
    /// </summary>
    /// <param name="retryAfter">The delay its provider asked for, at most an hour.</param>
    internal void TakeOut(string profileId, ErrorCode code, TimeSpan? retryAfter) =>
        LimiterOf(profileId).TakeOut(new ProfileOutage(profileId, time.GetUtcNow().UtcDateTime, code), retryAfter, Now);

    /// <summary>The outage of a profile; null while it works, as far as calls have shown.</summary>
    internal ProfileOutage? OutageOf(string profileId) => LimiterOf(profileId).Outage;

    /// <summary>True for the one caller a minute that checks if a failed profile works again.</summary>
    internal bool MayTry(string profileId) => LimiterOf(profileId).MayTry(Now);

    /// <summary>The profiles that steps have left for a fallback.</summary>
    internal IEnumerable<ProfileOutage> Outages => _limiters.Values.Select(limiter => limiter.Outage).OfType<ProfileOutage>();

    /// <summary>The time of the next permitted call (UTC); null if the profile is open, or if a call has to end first.</summary>
    internal DateTime? OpensAt(string profileId)
    {
        var now = Now;
        var wait = slots.AreShared
            ? slots.OpensIn(profileId)
            : LimiterOf(profileId).OpensAt(profiles.FindLoaded(profileId)?.Limits, now) - now;
        return wait is { } span ? time.GetUtcNow().UtcDateTime + span + Tick : null;
    }

    /// <summary>True when a call could begin now. Acquires nothing.</summary>
    internal bool HasRoom(string profileId) => Free(profileId) > 0;

    /// <summary>
    /// Number of calls that could begin now, from what is in memory; <see cref="int.MaxValue"/> without limits. While a profile fails, its
    /// fallbacks are counted.
    /// </summary>
    internal int Free(string profileId)
    {
        var profile = profiles.FindLoaded(profileId);
        return profile is { Fallbacks.Count: > 0 } && OutageOf(profileId) is not null
            ? profile.Fallbacks.Append(profileId).Max(FreeOf)
            : FreeOf(profileId);
    }

    private int FreeOf(string profileId)
    {
        var limits = profiles.FindLoaded(profileId)?.Limits;
        return slots.AreShared ? slots.Free(profileId, limits) : LimiterOf(profileId).Free(limits, Now);
    }

    private async ValueTask<bool> TakeWhenFoundAsync(string profileId, ValueTask<ModelProfile?> finding) =>
        await TryAcquireAsync(profileId, await finding);

    private ValueTask<bool> TryAcquireAsync(string profileId, ModelProfile? profile) =>
        slots.AreShared
            ? slots.TryAcquireAsync(profileId, profile?.Limits)
            : ValueTask.FromResult(LimiterOf(profileId).TryAcquire(profile?.Limits, Now));

    /// <summary>Calls are counted without limits too, so that a limit that is set later includes the calls in progress.</summary>
    private ProfileLimiter LimiterOf(string profileId) => _limiters.GetOrAdd(profileId, static _ => new ProfileLimiter());
}

/// <summary>The permits for calls of model profiles, where several hosts share the profiles' limits.</summary>
public abstract class CallSlots
{
    /// <summary>False: this host is the only one, and counts calls in memory.</summary>
    internal abstract bool AreShared { get; }

    /// <summary>Signals that a call may be able to begin after one was refused.</summary>
    internal ChangeSignal Freed { get; } = new();

    /// <summary>Acquires a permit for a call that begins now, unless the calls of all hosts use up the limits.</summary>
    internal abstract ValueTask<bool> TryAcquireAsync(string profileId, ModelLimits? limits);

    /// <summary>Returns a permit.</summary>
    /// <param name="wasCalled">False: it does not count for the requests per minute.</param>
    internal abstract void Release(string profileId, bool wasCalled);

    /// <summary>The provider answered 429.</summary>
    internal abstract void SlowDown(string profileId, TimeSpan? retryAfter);

    /// <summary>A call succeeded.</summary>
    internal abstract void Succeeded(string profileId);

    /// <summary>Number of calls that this host could begin now, as far as it knows. Acquires nothing.</summary>
    internal abstract int Free(string profileId, ModelLimits? limits);

    /// <summary>Time until the profile accepts calls again; null when it does not depend on time, or is not known.</summary>
    internal abstract TimeSpan? OpensIn(string profileId);
}

/// <summary>There is no other host.</summary>
public sealed class LocalCallSlots : CallSlots
{
    internal override bool AreShared => false;

    internal override ValueTask<bool> TryAcquireAsync(string profileId, ModelLimits? limits) => throw new NotSupportedException();

    internal override void Release(string profileId, bool wasCalled) => throw new NotSupportedException();

    internal override void SlowDown(string profileId, TimeSpan? retryAfter) => throw new NotSupportedException();

    internal override void Succeeded(string profileId) => throw new NotSupportedException();

    internal override int Free(string profileId, ModelLimits? limits) => throw new NotSupportedException();

    internal override TimeSpan? OpensIn(string profileId) => throw new NotSupportedException();
}
